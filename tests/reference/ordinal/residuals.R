# Fitted probabilities of polr and probability-scale residuals of lrm. Run in this folder: Rscript residuals.R
suppressPackageStartupMessages({ library(MASS); library(rms); library(jsonlite) })
d <- na.omit(read.csv("satisfaction.csv", na.strings = c("", "NA")))
d$satisfaction <- factor(d$satisfaction, c("worse", "unchanged", "better", "well"), ordered = TRUE)
d$arm <- factor(d$arm); d$sex <- factor(d$sex)
m <- polr(satisfaction ~ arm + sex + age, d, Hess = FALSE, control = list(reltol = 1e-15, maxit = 1000))
l <- lrm(satisfaction ~ arm + sex + age, d, x = TRUE, y = TRUE, eps = 1e-12, maxit = 100)
write(toJSON(list(R = R.version.string, MASS = as.character(packageVersion("MASS")), rms = as.character(packageVersion("rms")),
  fitted = unname(fitted(m)), residuals = unname(residuals(l, type = "li.shepherd"))), digits = 15, auto_unbox = TRUE),
  "residuals.json")
