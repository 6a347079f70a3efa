# What R's qcc takes for the same data: Rscript spc_worker.R QUESTION DATA.bin REPEATS, subgroups of five, row by row.
# Works with qcc 2.7 (plot = FALSE) and 3.0 (no plot argument, Nelson's rules by rule.set).
suppressMessages(library(qcc))
asked <- commandArgs(trailingOnly = TRUE)
size <- file.info(asked[2])$size / 8
data <- matrix(readBin(asked[2], "double", n = size, endian = "little"), ncol = 5, byrow = TRUE)
quiet <- if ("plot" %in% names(formals(qcc))) list(plot = FALSE) else list()
nelson <- if ("rule.set" %in% names(formals(qcc))) list(rules = 1:8, rule.set = "nelson") else list()
work <- function() do.call(qcc, c(list(data, type = "xbar"), quiet, nelson))
seconds <- numeric(0)
for (run in seq_len(as.integer(asked[3]))) seconds <- c(seconds, system.time(chart <- work())[["elapsed"]])
number <- function(x) formatC(x, digits = 17, format = "g")
cat(sprintf('{"seconds": [%s], "figures": {"center": %s, "ucl": %s}}\n',
            paste(number(seconds), collapse = ", "), number(chart$center), number(chart$limits[1, 2])))
