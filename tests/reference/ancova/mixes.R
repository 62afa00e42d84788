# Differences between the arms where their effect differs by sex and by site: over which mix of the sites?
library(emmeans); library(jsonlite)
options(digits = 15, stringsAsFactors = FALSE)
emm_options(cov.keep = character(0))
d <- read.csv("trial.csv", na.strings = c("", "NA"))
for (v in c("arm", "site", "sex")) d[[v]] <- factor(d[[v]])
fit <- lm(chg ~ base + arm * sex + arm * site, d)
table_of <- function(x) { x <- as.data.frame(x); x[] <- lapply(x, function(v) if (is.factor(v)) as.character(v) else v); x }
over <- function(spec, weights) {
  table_of(summary(contrast(emmeans(fit, spec, weights = weights), "trt.vs.ctrl", ref = 1, adjust = "none"), infer = c(TRUE, TRUE)))
}
out <- list(R = R.version.string, emmeans = as.character(packageVersion("emmeans")),
  by_sex_proportional = over(~arm | sex, "proportional"), by_sex_cells = over(~arm | sex, "cells"),
  proportional = over(~arm, "proportional"), cells = over(~arm, "cells"))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null", pretty = TRUE), "mixes.json")
