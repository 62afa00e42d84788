# Plain, linear and quadratic kappa by psych::cohen.kappa, and plain kappa's variance. psych 2.2.9's variance of weighted kappa is not the
# one of Fleiss, Cohen and Everitt (1969), so theirs is taken here from first principles: the delta method on the multinomial shares,
# with derivatives by central differences; at the observed table, and at the table of independent readers for the test of kappa 0.
suppressPackageStartupMessages({ library(psych); library(jsonlite) })
RNGversion("4.0.0"); set.seed(20240614)
n <- 60
truth <- sample(0:4, n, TRUE)
move <- function(x) pmin(4, pmax(0, x + sample(c(-1, 0, 0, 0, 1), n, TRUE)))
wide <- data.frame(first = move(truth), second = move(truth))
size <- 5; apart <- abs(outer(1:size, 1:size, "-")) / (size - 1)

kappa_of <- function(p, w) { p <- p / sum(p); e <- sum(w * outer(rowSums(p), colSums(p))); (sum(w * p) - e) / (1 - e) }
delta <- function(p, w) {
  slope <- sapply(seq_along(p), function(i) { h <- 1e-5; up <- down <- p; up[i] <- p[i] + h; down[i] <- p[i] - h
    u2 <- d2 <- p; u2[i] <- p[i] + 2 * h; d2[i] <- p[i] - 2 * h                     # Richardson: error of order h^4
    (8 * (kappa_of(up, w) - kappa_of(down, w)) - (kappa_of(u2, w) - kappa_of(d2, w))) / (12 * h) })
  (sum(p * slope^2) - sum(p * slope)^2) / n
}
p <- unclass(table(factor(wide$first, 0:4), factor(wide$second, 0:4))) / n
one <- function(w) {
  k <- suppressWarnings(cohen.kappa(as.matrix(wide), w = w, levels = 0:4))
  list(estimate = k$weighted.kappa, standard_error = sqrt(delta(p, w)), statistic = k$weighted.kappa / sqrt(delta(outer(rowSums(p), colSums(p)), w)))
}
plain <- suppressWarnings(cohen.kappa(as.matrix(wide), levels = 0:4))
result <- list(none = one(diag(size)), linear = one(1 - apart), quadratic = one(1 - apart^2), psych_plain = list(estimate = plain$kappa, variance = plain$var.kappa))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
write.csv(data.frame(scan = rep(seq_len(n), 2), reader = rep(names(wide), each = n), grade = unlist(wide, use.names = FALSE)), "readings.csv", row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("psych", packageVersion("psych"))), "version.txt")
