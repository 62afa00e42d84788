# Intraclass correlations by psych::ICC from the analysis of variance; measurement error from base R's anova.
suppressPackageStartupMessages({ library(psych); library(jsonlite) })
RNGversion("4.0.0"); set.seed(20240612)
n <- 24
truth <- rnorm(n, 40, 9)
wide <- data.frame(first = truth + rnorm(n, 0, 3), second = truth + 2 + rnorm(n, 0, 3), third = truth - 1 + rnorm(n, 0, 3))
wide <- round(wide, 1)
long <- data.frame(scan = rep(seq_len(n), 3), reader = rep(names(wide), each = n), value = unlist(wide, use.names = FALSE))
a <- anova(lm(value ~ factor(scan) + reader, long))
ms <- a[["Mean Sq"]]; df <- a[["Df"]]
of_readers <- max((ms[2] - ms[3]) / n, 0)
rows <- function(x, alpha) { r <- ICC(x, lmer = FALSE, alpha = alpha)$results; names(r) <- c("form", "estimate", "statistic", "df_num", "df_den", "p_value", "ci_lower", "ci_upper"); r }
result <- list(table = rows(wide, 0.05), table90 = rows(wide, 0.1), two = rows(wide[, 1:2], 0.05),
  consistency = sqrt(ms[3]), consistency_ci = sqrt(ms[3] * df[3] / qchisq(c(0.975, 0.025), df[3])), agreement = sqrt(of_readers + ms[3]))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
write.csv(long, "readings.csv", row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("psych", packageVersion("psych"))), "version.txt")
