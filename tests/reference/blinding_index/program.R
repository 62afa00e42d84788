# Indices of blinding written out: Bang, Ni & Davis (2004), equations 1 and 2; James et al. (1996) with the delta method,
# its slopes by numDeriv. Rows are arms, columns guesses: first arm, second arm, do not know.
library(numDeriv); library(jsonlite)
sets <- list(first = rbind(c(82, 25, 170), c(27, 29, 83)), second = rbind(c(30, 9, 5), c(11, 20, 12)))
james <- function(v) {
  x <- matrix(v / sum(v), 2); dk <- sum(x[, 3]); g <- x[, 1:2]
  observed <- (g[1, 2] + g[2, 1]) / (1 - dk)
  chance <- (rowSums(g)[1] * colSums(g)[2] + rowSums(g)[2] * colSums(g)[1]) / (1 - dk)^2
  (1 + dk + (1 - dk) * (observed - chance) / chance) / 2
}
out <- lapply(sets, function(x) {
  n <- sum(x); p <- as.vector(x) / n; g <- grad(james, p)
  v <- (sum(p * g^2) - sum(p * g)^2) / n
  bang <- t(sapply(1:2, function(a) {
    q <- x[a, ] / sum(x[a, ]); right <- q[a]; wrong <- q[3 - a]
    var <- (right * (1 - right) + wrong * (1 - wrong) + 2 * right * wrong) / sum(x[a, ])
    c(right - wrong, sqrt(var), pnorm((right - wrong) / sqrt(var), lower.tail = FALSE))
  }))
  list(counts = x, james = unname(james(p)), james_se = sqrt(v), bang = bang[, 1], bang_se = bang[, 2], bang_p = bang[, 3])
})
write(toJSON(c(list(R = R.version.string, numDeriv = as.character(packageVersion("numDeriv"))), out), digits = 15, auto_unbox = TRUE), "output.json")
