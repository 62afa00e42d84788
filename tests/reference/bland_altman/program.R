# Limits of agreement, base R only; exact intervals by the noncentral t distribution.
suppressPackageStartupMessages(library(jsonlite))
RNGversion("4.0.0"); set.seed(20240613)
n <- 30
truth <- rnorm(n, 16, 4)
wide <- data.frame(manual = round(truth + rnorm(n, 0, 1), 2), software = round(1.05 * truth - 0.3 + rnorm(n, 0, 1), 2))
d <- wide$software - wide$manual; m <- (wide$software + wide$manual) / 2
z <- qnorm(0.975); t <- qt(0.975, n - 1); se <- sd(d) * sqrt(1 / n + z^2 / (2 * (n - 1)))
limits <- mean(d) + c(-1, 1) * z * sd(d)
# P(T <= q) is integrated to 1e-12 by R's pt; qt inverts it coarsely for a noncentrality, so uniroot does.
quantile_nct <- function(p) uniroot(function(q) pt(q, n - 1, ncp = z * sqrt(n)) - p, c(1, 100), tol = 1e-13)$root
multiples <- sapply(c(0.025, 0.975), quantile_nct) / sqrt(n)
slope <- summary(lm(d ~ m))$coefficients["m", ]; ci <- confint(lm(d ~ m))["m", ]
result <- list(mean = mean(d), mean_ci = mean(d) + c(-1, 1) * t * sd(d) / sqrt(n), sd = sd(d), limits = limits, limit_error = se,
  approximate = rbind(limits[1] + c(-1, 1) * t * se, limits[2] + c(-1, 1) * t * se),
  exact = rbind(mean(d) - rev(multiples) * sd(d), mean(d) + multiples * sd(d)), slope = unname(slope), slope_ci = unname(ci))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
write.csv(data.frame(scan = rep(seq_len(n), 2), method = rep(names(wide), each = n), area = unlist(wide, use.names = FALSE)), "readings.csv", row.names = FALSE, quote = FALSE)
writeLines(R.version.string, "version.txt")
