# Two proportions: Wilson limits and the chi-square p by prop.test, Newcombe's limits from Wilson's, the ratio's by Katz. Base R.
suppressPackageStartupMessages(library(jsonlite))
cases <- list(c(28, 70, 41, 70), c(3, 20, 9, 24), c(56, 70, 48, 80))                    # x1, n1, x0, n0
result <- lapply(cases, function(v) { x1 <- v[1]; n1 <- v[2]; x0 <- v[3]; n0 <- v[4]; p1 <- x1 / n1; p0 <- x0 / n0
  wilson <- function(x, n) as.numeric(suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int); a <- wilson(x1, n1); b <- wilson(x0, n0)
  list(counts = v, test = a, reference = b, p_value = suppressWarnings(prop.test(c(x1, x0), c(n1, n0), correct = FALSE))$p.value,
    difference = c(p1 - p0, p1 - p0 - sqrt((p1 - a[1])^2 + (b[2] - p0)^2), p1 - p0 + sqrt((a[2] - p1)^2 + (p0 - b[1])^2)),
    ratio = p1 / p0 * exp(c(0, -1, 1) * qnorm(0.975) * sqrt(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0))) })
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
writeLines(R.version.string, "version.txt")
