# Responders of the stored imputations (imputed.csv), arm B against arm A, pooled by Rubin's rules in base R: Wald difference,
# Mantel-Haenszel difference over sites (Sato's variance), Katz's log ratio, and Lott and Reiter's Wilson limits of one proportion.
suppressPackageStartupMessages(library(jsonlite))
options(digits = 15)
stacked <- read.csv("imputed.csv", stringsAsFactors = FALSE)
stacked$responder <- as.integer(stacked$month12 < 32)
sets <- split(stacked, stacked$.imp)
rubin <- function(q, u, null = 0) {
  m <- length(q); b <- var(q); total <- mean(u) + (1 + 1 / m) * b; riv <- (1 + 1 / m) * b / mean(u)
  df <- (m - 1) * (1 + 1 / riv)^2; se <- sqrt(total); t <- (mean(q) - null) / se
  list(estimate = mean(q), standard_error = se, df = df, statistic = t, p_value = 2 * pt(-abs(t), df),
       ci_lower = mean(q) - qt(0.975, df) * se, ci_upper = mean(q) + qt(0.975, df) * se,
       fmi = (riv + 2 / (df + 3)) / (riv + 1))
}
counts <- function(d, arm) { y <- d$responder[d$arm == arm]; c(x = sum(y), n = length(y)) }
each <- function(f) vapply(sets, f, numeric(1))
p_of <- function(arm) each(function(d) { k <- counts(d, arm); k[["x"]] / k[["n"]] })
n_of <- function(arm) counts(sets[[1]], arm)[["n"]]
p1 <- p_of("B"); p0 <- p_of("A"); n1 <- n_of("B"); n0 <- n_of("A")
difference <- rubin(p1 - p0, p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
log_ratio <- rubin(log(p1 / p0), (1 - p1) / (n1 * p1) + (1 - p0) / (n0 * p0))
mantel_haenszel <- function(d) {
  d <- d[d$arm %in% c("A", "B"), ]; top <- 0; weight <- 0; P <- 0; Q <- 0
  for (site in unique(d$site)) { a <- counts(d[d$site == site, ], "B"); b <- counts(d[d$site == site, ], "A")
    n1 <- a[["n"]]; n0 <- b[["n"]]; x1 <- a[["x"]]; x0 <- b[["x"]]; n <- n1 + n0
    top <- top + (x1 * n0 - x0 * n1) / n; weight <- weight + n1 * n0 / n
    P <- P + (n1^2 * x0 - n0^2 * x1 + n1 * n0 * (n0 - n1) / 2) / n^2
    Q <- Q + (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * n) }
  estimate <- top / weight; c(estimate, (estimate * P + Q) / weight^2)
}
over <- vapply(sets, mantel_haenszel, numeric(2))
wilson <- function(p, n) {
  u <- p * (1 - p) / n; m <- length(p); riv <- (1 + 1 / m) * var(p) / mean(u); df <- (m - 1) * (1 + 1 / riv)^2; t2 <- qt(0.975, df)^2
  q <- mean(p); a <- t2 / n + t2 * riv / n; middle <- (2 * q + a) / (2 * (1 + a))
  half <- sqrt((2 * q + a)^2 / (4 * (1 + a)^2) - q^2 / (1 + a)); list(estimate = q, ci_lower = middle - half, ci_upper = middle + half, n = n)
}
writeLines(toJSON(list(difference = difference, stratified = rubin(over[1, ], over[2, ]), log_ratio = log_ratio,
  A = wilson(p0, n0), B = wilson(p1, n1)), digits = I(15), auto_unbox = TRUE, pretty = TRUE), "proportions.json")
