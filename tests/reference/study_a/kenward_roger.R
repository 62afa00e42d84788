# Kenward and Roger's errors and degrees of freedom of study A's mixed models, from the datasets that `trialkit sap run` exports.
# Rscript kenward_roger.R DATASETS > kenward_roger.json
library(jsonlite)
folder <- commandArgs(TRUE)[1]
get <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), colClasses = c(subject_id = "character"), check.names = FALSE)
found <- list()
emit <- function(analysis, table, match, ...) {
  for (column in names(list(...))) found[[length(found) + 1]] <<- list(
    analysis = analysis, table = table, match = match, column = column, value = unname(list(...)[[column]]))
}
subjects <- get("subjects"); long <- get("assessments")
yes <- function(x) x %in% c(TRUE, "True", "TRUE")
subjects <- subjects[yes(subjects$set_full), ]
subjects$arm <- factor(subjects$planned_arm, c("control", "exercise"))
subjects$sex <- factor(subjects$sex, c("Female", "Male")); subjects$site <- factor(subjects$site)
at <- function(parameter, visit, who = subjects) {
  rows <- long[long$parameter == parameter & long$visit == visit & yes(long$analysis_flag), c("subject_id", "base", "value", "chg")]
  merge(who[, setdiff(names(who), c("base", "value", "chg"))], rows, by = "subject_id", all.x = TRUE)
}
# Mixed models over all visits: unstructured, by REML (nlme), estimates and errors of the arm at each visit
shown <- c(week_6 = "End of intervention (week 6)", month_1 = "1 month post-intervention", month_3 = "3 months post-intervention",
           month_6 = "6 months post-intervention", month_12 = "12 months after randomization")
# The restricted likelihood itself (Laird and Ware 1982), from where gls stopped: its own criteria stop near 1e-5, Newton steps do not
sharpen <- function(fit, all) {
  X <- model.matrix(formula(fit), all); y <- all$chg; v <- as.integer(all$visit); own <- split(seq_along(y), all$subject_id); own <- lapply(own, function(i) i[order(v[i])])
  group <- split(own, sapply(own, function(i) paste(v[i], collapse = ""))); places <- lapply(group, function(g) v[g[[1]]]); p <- ncol(X)
  sigma_of <- function(th) { L <- matrix(0, 5, 5); L[lower.tri(L, TRUE)] <- th; diag(L) <- exp(diag(L)); L %*% t(L) }
  solve_for <- function(th, S = sigma_of(th)) { A <- matrix(0, p, p); b <- numeric(p); q <- 0; logdet <- 0
    for (k in seq_along(group)) { W <- solve(S[places[[k]], places[[k]]]); logdet <- logdet - length(group[[k]]) * as.numeric(determinant(W)$modulus)
      for (i in group[[k]]) { Xi <- X[i, , drop = FALSE]; WX <- W %*% Xi; A <- A + t(Xi) %*% WX; b <- b + t(WX) %*% y[i]; q <- q + sum(y[i] * (W %*% y[i])) } }
    beta <- solve(A, b); list(beta = setNames(as.numeric(beta), colnames(X)), value = (logdet + as.numeric(determinant(A)$modulus) + q - sum(b * beta)) / 2) }
  sd <- numeric(5); w <- coef(fit$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE); sd[match(names(w), levels(all$visit))] <- fit$sigma * w
  C <- diag(5); C[lower.tri(C)] <- coef(fit$modelStruct$corStruct, unconstrained = FALSE); C <- C + t(C) - diag(5)
  L <- t(chol(diag(sd) %*% C %*% diag(sd))); diag(L) <- log(diag(L)); th <- L[lower.tri(L, TRUE)]; value <- function(t) solve_for(t)$value
  for (step in 1:2) { H <- numDeriv::hessian(value, th); th <- th - solve(H, numDeriv::grad(value, th)) }
  stopifnot(max(abs(numDeriv::grad(value, th))) < 1e-6); list(beta = solve_for(th)$beta, kr = kenward_roger(sigma_of(th), X, group, places, function(S) solve_for(NULL, S)$value))
}
# Kenward and Roger (1997), Biometrics 53:983-997, for a covariance that is linear in its parameters: no second derivatives, as in SAS
kenward_roger <- function(S, X, group, places, value) {
  pairs <- which(lower.tri(S, TRUE), arr.ind = TRUE); r <- nrow(pairs); p <- ncol(X)
  E <- lapply(1:r, function(k) { e <- matrix(0, 5, 5); e[pairs[k, 1], pairs[k, 2]] <- 1; e[pairs[k, 2], pairs[k, 1]] <- 1; e })
  A <- matrix(0, p, p); P <- replicate(r, A, simplify = FALSE); Q <- replicate(r * r, A, simplify = FALSE)
  for (k in seq_along(group)) { at_k <- places[[k]]; W <- solve(S[at_k, at_k, drop = FALSE]); D <- lapply(E, function(e) W %*% e[at_k, at_k, drop = FALSE])
    for (i in group[[k]]) { Xi <- X[i, , drop = FALSE]; A <- A + t(Xi) %*% W %*% Xi
      for (a in 1:r) { left <- t(Xi) %*% D[[a]]; P[[a]] <- P[[a]] - left %*% W %*% Xi
        for (b in a:r) Q[[(a - 1) * r + b]] <- Q[[(a - 1) * r + b]] + left %*% D[[b]] %*% W %*% Xi } } }
  for (a in 1:r) for (b in 1:a) if (b < a) Q[[(a - 1) * r + b]] <- t(Q[[(b - 1) * r + a]])
  Phi <- solve(A)
  # The covariance of the covariance from the observed information, as SAS and mmrm have it
  information <- numDeriv::hessian(function(s) { M <- matrix(0, 5, 5); M[lower.tri(M, TRUE)] <- s; value(M + t(M) - diag(diag(M))) }, S[lower.tri(S, TRUE)])
  W <- solve(information); Lambda <- matrix(0, p, p)
  for (a in 1:r) for (b in 1:r) Lambda <- Lambda + W[a, b] * (Q[[(a - 1) * r + b]] - P[[a]] %*% Phi %*% P[[b]])
  adjusted <- Phi + 2 * Phi %*% Lambda %*% Phi
  function(L) { Theta <- L %*% t(L) / sum(L * (Phi %*% L)); u <- sapply(P, function(m) sum((Theta %*% Phi %*% m) * t(Phi)))
    A1 <- sum(W * outer(u, u)); A2 <- A1; B <- (A1 + 6 * A2) / 2; g <- (2 * A1 - 5 * A2) / (3 * A2)
    c1 <- g / (3 + 2 * (1 - g)); c2 <- (1 - g) / (3 + 2 * (1 - g)); c3 <- (3 - g) / (3 + 2 * (1 - g))
    Es <- 1 / (1 - A2); Vs <- 2 * (1 + c1 * B) / ((1 - c2 * B)^2 * (1 - c3 * B)); rho <- Vs / (2 * Es^2)
    c(standard_error = sqrt(sum(L * (adjusted %*% L))), df = 4 + 3 / (rho - 1)) }
}
# Baselines of a parameter; of who has none the mean of all subjects, from which the change is then taken (White and Thompson 2005)
from_baseline <- function(all, parameter) {
  rows <- long[long$parameter == parameter & yes(long$analysis_flag) & long$subject_id %in% subjects$subject_id, ]
  b <- tapply(rows$base, rows$subject_id, function(x) x[!is.na(x)][1]); b[is.na(b)] <- mean(b, na.rm = TRUE)
  all$base <- as.numeric(b[all$subject_id]); all$chg <- all$value - all$base; all
}
sharpened <- list()
mmrm <- function(id, parameter) {
  all <- do.call(rbind, lapply(names(shown), function(v) { x <- at(parameter, v); x$visit <- v; x }))
  all <- from_baseline(all, parameter); all$visit <- factor(all$visit, names(shown)); all <- all[!is.na(all$chg), ]
  fit <- nlme::gls(chg ~ base * visit + arm * visit + sex + site, all, correlation = nlme::corSymm(form = ~ as.integer(visit) | subject_id),
                   weights = nlme::varIdent(form = ~ 1 | visit), method = "REML", control = nlme::glsControl(maxIter = 500, msMaxIter = 500, tolerance = 1e-12, msTol = 1e-14))
  if (is.null(sharpened[[parameter]])) sharpened[[parameter]] <<- sharpen(fit, all)
  beta <- sharpened[[parameter]]$beta; stopifnot(identical(names(beta), names(coef(fit))), max(abs(beta - coef(fit))) < 1e-2)
  for (v in names(shown)) { L <- setNames(numeric(length(beta)), names(beta)); L["armexercise"] <- 1
    if (v != "week_6") { name <- grep(paste0("^(arm.*:visit|visit)", v, "(:armexercise)?$"), names(L), value = TRUE); name <- name[grepl("arm", name)]; L[name] <- 1 }
    kr <- sharpened[[parameter]]$kr(L); t <- sum(L * beta) / kr[["standard_error"]]
    p <- if (id == "P10") pt(t, kr[["df"]]) else 2 * pt(-abs(t), kr[["df"]])
    emit(id, "contrasts", list(visit = shown[[v]]), estimate = sum(L * beta), standard_error = kr[["standard_error"]], df = kr[["df"]], p_value = p) }
}
mmrm("O1", "odi"); mmrm("P10", "odi"); mmrm("V1", "vas"); mmrm("J1", "joa")
cat(toJSON(list(r = R.version.string, found = found), auto_unbox = TRUE, digits = 15), "\n")
