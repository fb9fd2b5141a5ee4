package dev.firn.cli.run;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.Settings;
import dev.firn.cli.output.Column;
import dev.firn.cli.output.DataOut;
import dev.firn.cli.output.Output;
import dev.firn.cli.output.OutputFormat;
import dev.firn.cli.output.RowPrinter;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One run of one command: its settings, the lakehouse it opened, and its ways to speak. Confined to
 * the command's thread. Owns the lakehouse.
 */
public final class Session implements AutoCloseable {
  private static final int ANSWER_BYTES = 1 << 10;

  private final Host host;
  private final GlobalOptions options;
  private final CliSettings settings;
  private final Interruption interruption;
  private final Output output;
  private @Nullable Lakehouse lake;

  /** Reads the settings. The streams of {@code host} stay the caller's. */
  public Session(Host host, GlobalOptions options, Interruption interruption) {
    this.host = host;
    this.options = options;
    this.settings = CliSettings.of(options, host);
    this.interruption = interruption;
    this.output =
        new Output(
            new DataOut(host.out()),
            settings.output(),
            host.terminal().out() ? host.terminal().columns() : null);
    CliSettings.mistyped(host.environment()).forEach(this::message);
  }

  public Host host() {
    return host;
  }

  /** Returns where the lakehouse is, without opening it. */
  public Settings settings() {
    return Settings.of(settings.lakehouse());
  }

  /** Returns the lakehouse, which must be there, opened on first use. */
  public Lakehouse lake() {
    Lakehouse open = lake;
    if (open == null) {
      open = Lakehouse.openExisting(settings());
      lake = open;
    }
    return open;
  }

  /** Returns the lakehouse, or null where there is none yet. */
  public @Nullable Lakehouse lakeIfPresent() {
    try {
      return lake();
    } catch (FirnException e) {
      if (e.kind() == ErrorKind.NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }

  /** Returns the lakehouse, created where it is missing. */
  public Lakehouse createLake() {
    Lakehouse open = lake;
    if (open == null) {
      open = Lakehouse.open(settings());
      lake = open;
    }
    return open;
  }

  /** Returns a table of the lakehouse. */
  public LakeTable table(String name) {
    return lake().table(name);
  }

  /** Returns the clock that times such as "2h ago" are read against. */
  public Clock clock() {
    return Clock.systemUTC();
  }

  /** Starts printing rows to stdout. */
  public RowPrinter rows(List<Column> columns) {
    return output.rows(columns);
  }

  public Output output() {
    return output;
  }

  /** Returns whether data goes out as JSON or CSV, for a program to read. */
  public boolean machineReadable() {
    return output.format() != OutputFormat.TABLE;
  }

  /** Returns whether the user wants no messages. */
  public boolean quiet() {
    return options.quiet;
  }

  /** Tells the user something, on stderr. */
  public void message(String text) {
    if (!options.quiet) {
      host.err().println(text);
    }
  }

  /**
   * Ends a command that changed something: one line on stderr, and the same as an object on stdout
   * in JSON or CSV.
   */
  public void result(String summary, Map<String, ? extends @Nullable Object> object) {
    message(summary);
    output.result(new LinkedHashMap<>(object));
  }

  /**
   * Tells that what follows should not be torn: a user who asks to stop now is told to wait.
   *
   * @throws InterruptedCommand where the user has asked already
   */
  public void committing() {
    interruption.shield();
  }

  /** Has {@code cancel} run, on another thread, when the user asks to stop. */
  public void onInterrupt(Runnable cancel) {
    interruption.onStop(cancel);
  }

  /** Throws where the user asked to stop; called between rows. */
  public void checkInterrupted() {
    interruption.check();
  }

  /**
   * Starts showing progress of work that may be long. The caller closes it.
   *
   * @param totalBytes what {@code done} counts up to; below zero where it is not known
   */
  public Progress progress(String task, long totalBytes) {
    boolean shown =
        options.progress == null ? host.terminal().err() && !options.quiet : options.progress;
    if (shown) {
      return new BarProgress(host.err(), host.terminal(), task, totalBytes, interruption);
    }
    return new Progress() {
      @Override
      public void update(long doneBytes, long rows) {
        interruption.check();
      }

      @Override
      public void close() {}
    };
  }

  /** Returns whether the user has said yes in advance. */
  public boolean sure() {
    return options.yes;
  }

  /**
   * Asks before something that is hard to undo.
   *
   * @param doing continues "Cannot …": {@code "drop shop.orders"}
   * @throws FirnException (invalid) where the answer is no, or nobody can be asked and {@code
   *     --yes} is missing
   */
  public void confirm(String doing, String consequence) {
    if (options.yes) {
      return;
    }
    if (!host.terminal().in() || !host.terminal().err()) {
      throw FirnException.invalid(
          "Cannot %s: %s, and there is no terminal to ask; add --yes (or --dry-run to look first)"
              .formatted(doing, consequence));
    }
    host.err().print("%s: %s. Go on? [y/N] ".formatted(capital(doing), consequence));
    host.err().flush();
    String answer = answer().strip().toLowerCase(Locale.ROOT);
    if (!answer.equals("y") && !answer.equals("yes")) {
      throw FirnException.invalid(
          "Cannot %s: the answer was not yes; nothing was changed".formatted(doing));
    }
  }

  private String answer() {
    StringBuilder line = new StringBuilder();
    try {
      int character = host.in().read();
      while (character >= 0 && character != '\n' && line.length() < ANSWER_BYTES) {
        line.append((char) character);
        character = host.in().read();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the answer", e);
    }
    return line.toString();
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  /** Flushes stdout and closes the lakehouse. */
  @Override
  public void close() {
    Lakehouse open = lake;
    lake = null;
    if (open != null) {
      open.close();
    }
  }

  /** Flushes what was printed; a command that ends well must have. */
  public void flush() {
    output.close();
  }
}
