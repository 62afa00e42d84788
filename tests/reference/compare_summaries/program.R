# t tests of samples that have exactly the means and SDs of a summary: t.test is given data, not formulas. Base R.
suppressPackageStartupMessages(library(jsonlite))
with_summary <- function(n, mean, sd) { x <- seq_len(n)^1.3; mean + sd * (x - base::mean(x)) / stats::sd(x) }
cases <- list(list(n = c(184, 29), means = c(70.56, 72.86), sds = c(8.42, 9.41)), list(n = c(184, 29), means = c(5.67, 5.03), sds = c(0.67, 1.01)),
              list(n = c(12, 40), means = c(-3.2, 1.1), sds = c(4.5, 2.25)), list(n = c(5, 5), means = c(10, 12), sds = c(1.5, 1.5)))
result <- lapply(cases, function(case) {
  x <- with_summary(case$n[1], case$means[1], case$sds[1]); y <- with_summary(case$n[2], case$means[2], case$sds[2])
  test <- function(equal) { t <- t.test(x, y, var.equal = equal); list(statistic = unname(t$statistic), df = unname(t$parameter), p_value = t$p.value) }
  c(case, list(pooled = test(TRUE), welch = test(FALSE), variances = var.test(x, y)$p.value))
})
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
writeLines(R.version.string, "version.txt")
