# Mean cumulative count: the cumulative hazard of survival::survfit for repeated episodes, whose robust error (summed
# over subjects) is that of Lawless and Nadeau.
suppressPackageStartupMessages({ library(survival); library(jsonlite) })
RNGversion("4.0.0"); set.seed(20240606)

episodes <- do.call(rbind, lapply(1:70, function(i) { end <- ceiling(runif(1, 10, 52)); late <- if (i %% 7 == 0) 3 else 0
  stops <- sort(unique(ceiling(runif(rpois(1, if (i %% 2) 3 else 1.5), late, end)))); stops <- stops[stops < end & stops > late]
  data.frame(id = i, arm = if (i %% 2) "control" else "exercise", start = c(late, stops), stop = c(stops, end), event = c(rep(1L, length(stops)), 0L)) }))
fit <- survfit(Surv(start, stop, event) ~ arm, data = episodes, id = id, robust = TRUE)
curve <- data.frame(arm = rep(c("control", "exercise"), fit$strata), time = fit$time, n_at_risk = fit$n.risk, n_events = fit$n.event,
                    estimate = fit$cumhaz, standard_error = fit$std.chaz)
writeLines(toJSON(list(curve = curve), digits = I(15), dataframe = "rows"), "output.json")
write.csv(episodes, "episodes.csv", row.names = FALSE, quote = FALSE)
