# Miettinen-Nurminen and (stratified) Newcombe intervals from their definitions, base R. The restricted likelihood is maximized by
# bisection of its derivative, and limits are found by uniroot: no closed form of the papers is used.
suppressPackageStartupMessages(library(jsonlite))
RNGversion("4.0.0"); set.seed(20240616)
z <- qnorm(0.975)
restricted <- function(x1, n1, x0, n0, second, slope) {                    # p1 = second(p0), p1' = slope
  score <- function(p0) { p1 <- second(p0); slope * (x1 / p1 - (n1 - x1) / (1 - p1)) + x0 / p0 - (n0 - x0) / (1 - p0) }
  inside <- function(p) { q <- second(p); p > 0 && p < 1 && q > 0 && q < 1 }
  grid <- seq(0, 1, length.out = 20001); ok <- grid[sapply(grid, inside)]
  low <- min(ok); high <- max(ok)
  low <- low - 1e-4; while (!inside(low)) low <- low + (min(ok) - low) / 2   # towards the end of the feasible range
  high <- high + 1e-4; while (!inside(high)) high <- high - (high - max(ok)) / 2
  if (score(low) <= 0) return(low); if (score(high) >= 0) return(high)
  for (i in 1:200) { mid <- (low + high) / 2; if (score(mid) > 0) low <- mid else high <- mid }
  (low + high) / 2
}
z_difference <- function(t, d) {
  w <- t$n1 * t$n0 / (t$n1 + t$n0); n <- t$n1 + t$n0
  p0 <- mapply(function(x1, n1, x0, n0) restricted(x1, n1, x0, n0, function(p) p + d, 1), t$x1, t$n1, t$x0, t$n0); p1 <- p0 + d
  v <- (p1 * (1 - p1) / t$n1 + p0 * (1 - p0) / t$n0) * n / (n - 1)
  sum(w * (t$x1 / t$n1 - t$x0 / t$n0 - d)) / sqrt(sum(w^2 * v))
}
z_ratio <- function(t, r) {
  w <- t$n1 * t$n0 / (t$n1 + t$n0); n <- t$n1 + t$n0
  p0 <- mapply(function(x1, n1, x0, n0) restricted(x1, n1, x0, n0, function(p) p * r, r), t$x1, t$n1, t$x0, t$n0); p1 <- p0 * r
  v <- (p1 * (1 - p1) / t$n1 + r^2 * p0 * (1 - p0) / t$n0) * n / (n - 1)
  sum(w * (t$x1 / t$n1 - r * t$x0 / t$n0)) / sqrt(sum(w^2 * v))
}
root <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-13)$root
wilson <- function(p, n, k) (p + k^2 / (2 * n) + c(-1, 1) * k * sqrt(p * (1 - p) / n + k^2 / (4 * n^2))) / (1 + k^2 / n)
strat_wilson <- function(x, n, w) { p <- x / n; v <- p * (1 - p) / n; k <- z * sqrt(sum(w^2 * v)) / sum(w * sqrt(v))
  rowSums(sapply(seq_along(x), function(i) w[i] * wilson(p[i], n[i], k))) }
newcombe <- function(t) { w <- t$n1 * t$n0 / (t$n1 + t$n0); w <- w / sum(w); d <- sum(w * (t$x1 / t$n1 - t$x0 / t$n0))
  a <- strat_wilson(t$x1, t$n1, w); b <- strat_wilson(t$x0, t$n0, w); la <- sum(w^2 / t$n1); lb <- sum(w^2 / t$n0)
  c(d - z * sqrt(la * a[1] * (1 - a[1]) + lb * b[2] * (1 - b[2])), d + z * sqrt(la * a[2] * (1 - a[2]) + lb * b[1] * (1 - b[1]))) }
both <- function(t) { w <- t$n1 * t$n0 / (t$n1 + t$n0); d <- sum(w * (t$x1 / t$n1 - t$x0 / t$n0)) / sum(w); r <- sum(w * t$x1 / t$n1) / sum(w * t$x0 / t$n0)
  list(x1 = I(t$x1), n1 = I(t$n1), x0 = I(t$x0), n0 = I(t$n0), difference = d, ratio = r, newcombe = newcombe(t),
    mn = c(root(function(x) z_difference(t, x) - z, -0.9999, d), root(function(x) z_difference(t, x) + z, d, 0.9999)),
    mn_ratio = exp(c(root(function(x) z_ratio(t, exp(x)) - z, log(r) - 4, log(r)), root(function(x) z_ratio(t, exp(x)) + z, log(r), log(r) + 4))),
    score_null = z_difference(t, 0), score_margin = z_difference(t, -0.1), score_ratio_margin = z_ratio(t, 0.8)) }
tables <- list(list(x1 = 56, n1 = 70, x0 = 48, n0 = 80), list(x1 = 9, n1 = 10, x0 = 3, n0 = 10), list(x1 = 5, n1 = 57, x0 = 2, n0 = 31),
  list(x1 = c(12, 8, 20), n1 = c(20, 11, 44), x0 = c(9, 5, 14), n0 = c(22, 9, 40)), list(x1 = c(3, 1, 9, 4), n1 = c(8, 12, 30, 6), x0 = c(1, 2, 4, 1), n0 = c(9, 15, 28, 7)))
result <- lapply(tables, both)
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
writeLines(R.version.string, "version.txt")
