# Fisher's test by fisher.test; the exact interval of its odds ratio by uniroot; Barnard's (pooled z) and Boschloo's tests by going through every table and a fine grid of the
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
# The conditional odds ratio and its exact interval as fisher.test defines them, solved tightly (it stops at four digits).
conditional <- function(v) {
  x1 <- v[1]; n1 <- v[2]; x0 <- v[3]; n0 <- v[4]; m <- x1 + x0
  support <- max(0, m - n0):min(n1, m); central <- dhyper(support, n1, n0, m, log = TRUE)
  chances <- function(log_odds) { d <- central + log_odds * support; d <- exp(d - max(d)); d / sum(d) }
  solve_for <- function(f) exp(uniroot(f, c(-30, 30), tol = 1e-13)$root)
  mean_at <- function(l) sum(support * chances(l)) - x1
  low <- function(l) sum(chances(l)[support >= x1]) - 0.025
  high <- function(l) sum(chances(l)[support <= x1]) - 0.025
  edge <- c(x1 == min(support), x1 == max(support))
  c(if (edge[1]) 0 else if (edge[2]) Inf else solve_for(mean_at), if (edge[1]) 0 else solve_for(low), if (edge[2]) Inf else solve_for(high))
}
result <- lapply(cases, function(v) list(counts = v, less = one(v, "less"), greater = one(v, "greater"),
  "two-sided" = one(v, "two.sided"), conditional = conditional(v), fisher_test = with(fisher.test(matrix(c(v[1], v[2] - v[1], v[3], v[4] - v[3]), 2)), c(estimate, conf.int))))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
writeLines(R.version.string, "version.txt")
