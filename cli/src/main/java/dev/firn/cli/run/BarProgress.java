package dev.firn.cli.run;

import dev.firn.cli.text.UnitText;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on stderr: done of total, rows per second, bytes. */
final class BarProgress implements Progress {
  private static final int UPDATE_MILLIS = 200;

  /** Before that a rate says nothing. */
  private static final double RATE_SECONDS = 1;

  private final Interruption interruption;
  private final ProgressBar bar;
  private final OneLine line;
  private final long started = System.nanoTime();

  /** {@code total} below zero means that it is not known. */
  BarProgress(
      PrintStream err, Terminal terminal, String task, long total, Interruption interruption) {
    this.interruption = interruption;
    this.line = new OneLine(err, terminal.columns(), terminal.err());
    this.bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(total)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .setStyle(ProgressBarStyle.ASCII)
            .setUnit(" MB", 1_000_000)
            .setMaxRenderedLength(terminal.columns())
            .setConsumer(line)
            .build();
  }

  @Override
  public void update(long doneBytes, long rows) {
    interruption.check();
    bar.stepTo(doneBytes);
    double seconds = Math.max(1, Duration.ofNanos(System.nanoTime() - started).toMillis()) / 1e3;
    bar.setExtraMessage(
        seconds < RATE_SECONDS
            ? String.format(Locale.ROOT, " %,d rows", rows)
            : String.format(
                Locale.ROOT,
                " %,d rows, %,.0f rows/s, %s/s",
                rows,
                rows / seconds,
                UnitText.showBytes(Math.round(doneBytes / seconds))));
  }

  /** Draws the final state; it stays where it can be read later, in a file. */
  @Override
  public void close() {
    bar.close();
    line.end();
  }

  /** Redraws one line, without asking for a terminal's abilities; clears it there at the end. */
  private record OneLine(PrintStream err, int columns, boolean terminal)
      implements ProgressBarConsumer {
    @Override
    public int getMaxRenderedLength() {
      return columns - 1;
    }

    @Override
    public void accept(String rendered) {
      err.print('\r' + rendered);
      err.flush();
    }

    /** Does nothing: the bar calls it only if it was drawn before. */
    @Override
    public void close() {}

    void end() {
      err.print(terminal ? '\r' + " ".repeat(columns - 1) + '\r' : System.lineSeparator());
      err.flush();
    }
  }
}
