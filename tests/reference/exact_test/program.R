# Fisher's test by fisher.test; Barnard's (pooled z) and Boschloo's tests by going through every table and a fine grid of the
# common risk, refined by optimize round the best point. Base R.
suppressPackageStartupMessages(library(jsonlite))
cases <- list(c(7, 15, 12, 15), c(1, 10, 6, 9), c(9, 12, 3, 11), c(14, 30, 25, 31))     # x1, n1, x0, n0
one <- function(v, side) {
  x1 <- v[1]; n1 <- v[2]; x0 <- v[3]; n0 <- v[4]
  all <- expand.grid(a = 0:n1, b = 0:n0)
  two <- function(a, b) mapply(function(a, b) fisher.test(matrix(c(a, n1 - a, b, n0 - b), 2))$p.value, a, b)
  fisher <- function(a, b) if (side == "two.sided") two(a, b) else if (side == "less") phyper(a, a + b, n1 + n0 - a - b, n1) else phyper(a - 1, a + b, n1 + n0 - a - b, n1, lower.tail = FALSE)
  z <- function(a, b) { p <- (a + b) / (n1 + n0); s <- sqrt(p * (1 - p) * (1 / n1 + 1 / n0)); ifelse(s == 0, 0, (a / n1 - b / n0) / s) -> z
    if (side == "two.sided") -abs(z) else if (side == "less") z else -z }
  largest <- function(statistic, here) { chosen <- all[statistic <= here + 1e-9, ]
    chance <- function(p) sum(dbinom(chosen$a, n1, p) * dbinom(chosen$b, n0, p))
    grid <- seq(0, 1, length.out = 2001); best <- grid[which.max(sapply(grid, chance))]
    optimize(chance, c(max(0, best - 1e-3), min(1, best + 1e-3)), maximum = TRUE, tol = 1e-12)$objective }
  list(fisher = fisher.test(matrix(c(x1, n1 - x1, x0, n0 - x0), 2), alternative = side)$p.value,
       boschloo = largest(fisher(all$a, all$b), fisher(x1, x0)), barnard = largest(z(all$a, all$b), z(x1, x0)))
}
result <- lapply(cases, function(v) list(counts = v, less = one(v, "less"), greater = one(v, "greater"),
  "two-sided" = one(v, "two.sided")))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
writeLines(R.version.string, "version.txt")
