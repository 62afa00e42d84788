# Exact binomial intervals, as binom.test computes them.
cases <- data.frame(events = c(0, 1, 3, 22, 15, 150, 999, 10), trials = c(50, 10, 7, 14590, 10000, 10000, 1000000, 10))
rows <- apply(cases, 1, function(case) {
  interval <- binom.test(case[["events"]], case[["trials"]], conf.level = 0.95)$conf.int
  c(case[["events"]], case[["trials"]], interval[1], interval[2])
})
table <- as.data.frame(t(rows))
names(table) <- c("events", "trials", "lower", "upper")
options(digits = 17)
write.csv(format(table, digits = 17, scientific = FALSE, trim = TRUE), "output.csv", row.names = FALSE, quote = FALSE)
