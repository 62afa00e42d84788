# The effect of the arm along fat fraction (entry I1) by lm and emmeans, from the datasets a run exports.
# Rscript effect_along.R DATASETS > effect_along.json
library(emmeans); library(jsonlite)
folder <- commandArgs(TRUE)[1]
get <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), colClasses = c(subject_id = "character"), check.names = FALSE)
yes <- function(x) x %in% c(TRUE, "True", "TRUE")
subjects <- get("subjects"); long <- get("assessments")
subjects <- subjects[yes(subjects$set_full), ]
subjects$arm <- factor(subjects$planned_arm, c("control", "exercise"))
subjects$sex <- factor(subjects$sex, c("Female", "Male")); subjects$site <- factor(subjects$site)
rows <- long[long$parameter == "odi" & long$visit == "month_12" & yes(long$analysis_flag), c("subject_id", "base", "chg")]
d <- merge(subjects[, setdiff(names(subjects), c("base", "chg"))], rows, by = "subject_id", all.x = TRUE)
d <- d[complete.cases(d[, c("chg", "base", "multifidus_fat", "sex", "site")]), ]
fit <- lm(chg ~ arm * multifidus_fat + base + sex + site, d)
at <- unname(seq(quantile(d$multifidus_fat, 0.05), quantile(d$multifidus_fat, 0.95), length.out = 41))
grid <- emmeans(fit, ~ arm | multifidus_fat, at = list(multifidus_fat = at), weights = "proportional")
found <- as.data.frame(summary(contrast(grid, list(difference = c(-1, 1))), infer = c(TRUE, FALSE), level = 0.95))
cat(toJSON(list(R = R.version.string, emmeans = as.character(packageVersion("emmeans")), found = data.frame(
  value = at, estimate = found$estimate, standard_error = found$SE, ci_lower = found$lower.CL, ci_upper = found$upper.CL)),
  digits = 15, auto_unbox = TRUE), "\n")
