# The tests of a comparison table by base R; standardized differences by their published formulas.
suppressPackageStartupMessages(library(jsonlite))
RNGversion("4.0.0"); set.seed(20240615)
n <- 70
trial <- data.frame(arm = sample(c("control", "exercise"), n, TRUE), centre = sample(c("A", "B", "C"), n, TRUE))
trial$age <- round(rnorm(n, 68, 6), 1)
trial$stay <- ceiling(rexp(n, 0.2))                                    # skewed, with ties
trial$sex <- sample(c("female", "male"), n, TRUE, c(0.6, 0.4))
trial$grade <- sample(2:4, n, TRUE, c(0.5, 0.4, 0.1))                  # codes
trial$rare <- ifelse(seq_len(n) %in% c(2, 5, 20, 33), "yes", "no")
trial$age[c(3, 17)] <- NA
trial$grade[8] <- NA

p_of <- function(t) list(statistic = unname(t$statistic), df = unname(t$parameter), p_value = t$p.value)
quiet <- function(x) suppressWarnings(x)
shapiro <- function(v, g) as.list(tapply(v, g, function(x) shapiro.test(x[!is.na(x)])$p.value))
smd <- function(x, y) { x <- x[!is.na(x)]; y <- y[!is.na(y)]; (mean(y) - mean(x)) / sqrt((var(x) + var(y)) / 2) }
smd_levels <- function(f, g) {
  share <- prop.table(table(g, f), 1)[, -1, drop = FALSE]
  s <- function(p) diag(p, length(p)) - outer(p, p)
  d <- share[2, ] - share[1, ]
  sqrt(as.numeric(t(d) %*% solve((s(share[1, ]) + s(share[2, ])) / 2) %*% d))
}
first <- trial$arm == "control"
f <- oneway.test(age ~ centre, trial, var.equal = TRUE)
result <- list(
  student = p_of(t.test(age ~ arm, trial, var.equal = TRUE)), welch = p_of(t.test(age ~ arm, trial)),
  mann_whitney = list(statistic = unname(quiet(wilcox.test(stay ~ arm, trial, exact = FALSE, correct = FALSE))$statistic),
                      p_value = quiet(wilcox.test(stay ~ arm, trial, exact = FALSE, correct = FALSE))$p.value),
  anova = list(statistic = unname(f$statistic), df = f$parameter[[1]], df_den = f$parameter[[2]], p_value = f$p.value),
  kruskal = p_of(kruskal.test(stay ~ centre, trial)),
  chi_square_sex = p_of(chisq.test(trial$sex, trial$arm, correct = FALSE)), chi_square_grade = p_of(quiet(chisq.test(trial$grade, trial$arm))),
  chi_square_centre = p_of(quiet(chisq.test(trial$grade, trial$centre))),
  fisher_rare = fisher.test(table(trial$arm, trial$rare))$p.value, fisher_grade = fisher.test(table(trial$arm, trial$grade))$p.value,
  shapiro_age = shapiro(trial$age, trial$arm), shapiro_stay = shapiro(trial$stay, trial$arm),
  smd_age = smd(trial$age[first], trial$age[!first]), smd_sex = smd_levels(trial$sex, trial$arm), smd_grade = smd_levels(trial$grade, trial$arm),
  quartiles_age = as.list(unname(quantile(trial$age[first], c(0.25, 0.5, 0.75), na.rm = TRUE))))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
write.csv(trial, "trial.csv", row.names = FALSE, quote = FALSE, na = "")
writeLines(R.version.string, "version.txt")
