# Reference-based conditional-mean imputation with the jackknife, in base R. The restricted maximum is found by EM with
# the coefficients integrated out, run until the covariance no longer changes in the 13th digit.
suppressPackageStartupMessages(library(jsonlite)); options(digits = 15)
V <- 4; visits <- c(6, 12, 26, 52)
if (!file.exists("trial.csv")) {
  set.seed(5150); n <- 48
  arm <- rep(c("control", "exercise"), n / 2); base <- round(rnorm(n, 45, 8), 1)
  root <- chol(0.6 * 49 * matrix(1, V, V) + 0.4 * 49 * diag(V))
  y <- matrix(rnorm(n * V), n) %*% root - 6 - 0.2 * (base - 45) + outer(arm == "exercise", -c(2, 4, 6, 6))
  event <- sample(c(NA, 1:V), n, TRUE, c(0.5, 0.04, 0.12, 0.17, 0.17))
  gone <- outer(ifelse(is.na(event), 9, event), 1:V, "<=") & matrix(runif(n * V) < 0.85, n)
  early <- matrix(runif(n * V) < 0.06, n)
  y[gone | early] <- NA
  long <- data.frame(subject = rep(sprintf("S%02d", 1:n), each = V), arm = rep(arm, each = V), base = rep(base, each = V),
                     week = rep(visits, n), event_week = rep(ifelse(is.na(event), NA, visits[event]), each = V), change = round(c(t(y)), 1))
  write.csv(long, "trial.csv", row.names = FALSE, na = "")
}
long <- read.csv("trial.csv"); long$visit <- factor(long$week); long$arm <- factor(long$arm)
ids <- unique(long$subject); Y <- matrix(long$change, ncol = V, byrow = TRUE); first <- match(long$event_week[seq(1, nrow(long), V)], visits)
form <- ~ arm * visit + base * visit
own <- model.matrix(form, long); ref <- model.matrix(form, transform(long, arm = factor("control", levels = levels(long$arm))))
rows <- function(i) ((i - 1) * V + 1):(i * V)
reml <- function(set, Yfit) {
  S <- diag(apply(Yfit[set, ], 2, var, na.rm = TRUE))
  repeat {
    A <- 0; b <- 0
    for (i in set) { o <- !is.na(Yfit[i, ]); if (!any(o)) next; X <- own[rows(i), ][o, , drop = FALSE]; W <- solve(S[o, o, drop = FALSE])
      A <- A + t(X) %*% W %*% X; b <- b + t(X) %*% W %*% Yfit[i, o] }
    Phi <- solve(A); beta <- Phi %*% b; New <- 0 * S
    for (i in set) { o <- !is.na(Yfit[i, ]); X <- own[rows(i), ]
      if (!any(o)) { New <- New + S; next }
      E <- S[, o, drop = FALSE] %*% solve(S[o, o, drop = FALSE]); r <- Yfit[i, o] - X[o, , drop = FALSE] %*% beta
      New <- New + S - E %*% S[o, , drop = FALSE] + E %*% (r %*% t(r) + X[o, , drop = FALSE] %*% Phi %*% t(X[o, , drop = FALSE])) %*% t(E) }
    New <- New / length(set); change <- max(abs(New - S)) / max(S); S <- (New + t(New)) / 2
    if (change < 1e-13) break }
  list(beta = beta, S = S) }
course <- function(m, r, f, strategy) { if (is.na(f)) return(m); after <- seq_len(V) >= f
  switch(strategy, mar = m, cr = r, j2r = ifelse(after, r, m),
         cir = if (f == 1) r else ifelse(after, r + m[f - 1] - r[f - 1], m), lmcf = ifelse(after, m[f - 1], m)) }
complete <- function(fit, set, strategy) { Z <- Y
  for (i in set) { if (!anyNA(Y[i, ])) next; m <- drop(own[rows(i), ] %*% fit$beta); r <- drop(ref[rows(i), ] %*% fit$beta)
    y <- Y[i, ]; mean <- course(m, r, first[i], strategy)
    if (strategy == "cr" && !is.na(first[i])) { early <- is.na(y) & seq_len(V) < first[i]; o <- !is.na(y) & seq_len(V) < first[i]
      if (any(early)) y[early] <- m[early] + if (any(o)) fit$S[early, o, drop = FALSE] %*% solve(fit$S[o, o, drop = FALSE]) %*% (y[o] - m[o]) else 0 }
    u <- is.na(y); o <- !u
    y[u] <- mean[u] + if (any(o)) fit$S[u, o, drop = FALSE] %*% solve(fit$S[o, o, drop = FALSE]) %*% (y[o] - mean[o]) else 0
    Z[i, ] <- y }
  Z }
analyse <- function(Z, set) { d <- long[seq(1, nrow(long), V), ][set, ]; d$y <- Z[set, V]
  m <- lm(y ~ arm + base, d); at <- data.frame(arm = levels(long$arm), base = mean(d$base)); p <- predict(m, at)
  c(control = p[[1]], exercise = p[[2]], difference = coef(m)[["armexercise"]]) }
one <- function(strategy) {
  keep <- if (strategy == "lmcf") which(is.na(first) | first > 1) else seq_along(ids)
  Yfit <- Y; if (strategy != "mar") for (i in keep) if (!is.na(first[i])) Yfit[i, seq_len(V) >= first[i]] <- NA
  whole <- reml(keep, Yfit); Z <- complete(whole, keep, strategy); est <- analyse(Z, keep)
  left <- t(sapply(keep, function(s) { set <- setdiff(keep, s); analyse(complete(reml(set, Yfit), set, strategy), set) }))
  n <- length(keep); se <- sqrt((n - 1) / n * colSums(sweep(left, 2, colMeans(left))^2))
  gap <- which(is.na(Y[keep, ]), arr.ind = TRUE); gap <- gap[order(gap[, 1], gap[, 2]), ]
  list(imputed = data.frame(subject = ids[keep][gap[, 1]], week = visits[gap[, 2]], change = Z[keep, ][gap]),
       quantity = names(est), estimate = unname(est), standard_error = unname(se), p_value = unname(2 * pnorm(-abs(est / se))),
       ci_lower = unname(est - qnorm(0.975) * se), ci_upper = unname(est + qnorm(0.975) * se)) }
strategies <- c("mar", "j2r", "cr", "cir", "lmcf")
writeLines(toJSON(setNames(lapply(strategies, one), strategies), digits = I(15), pretty = TRUE), "output.json")
writeLines(R.version.string, "version.txt")
