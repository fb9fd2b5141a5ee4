package dev.firn.cli;

import dev.firn.cli.command.Commands;
import dev.firn.cli.output.DataOut;
import dev.firn.cli.output.OutputClosed;
import dev.firn.cli.run.ExitCode;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.GlobalOptions;
import dev.firn.cli.run.Host;
import dev.firn.cli.run.Interruption;
import dev.firn.cli.run.Session;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The {@code firn} command: arguments in, data to stdout, messages to stderr, an exit code out. */
public final class Firn {
  private final Host host;
  private final Interruption interruption;
  private final List<String> arguments;
  private final GlobalOptions options = new GlobalOptions();
  private final ErrorReport errors;

  private Firn(Host host, Interruption interruption, List<String> arguments) {
    this.host = host;
    this.interruption = interruption;
    this.arguments = arguments;
    this.errors = new ErrorReport(host, options, arguments);
  }

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    Interruption interruption = new Interruption();
    interruption.listen();
    int code = ExitCode.INTERNAL.code();
    try {
      code = run(List.of(arguments), Host.ofProcess(), interruption);
    } finally {
      interruption.finished();
    }
    System.exit(code);
  }

  /**
   * Runs one command in this process, with its environment and directory, as if no stream were a
   * terminal. Borrows the streams. Returns the exit code.
   */
  public static int run(String[] arguments, InputStream in, OutputStream out, PrintStream err) {
    return run(List.of(arguments), Host.of(in, out, err), new Interruption());
  }

  /** Runs one command in another world. */
  static int run(List<String> arguments, Host host, Interruption interruption) {
    ExitCode code = new Firn(host, interruption, arguments).run();
    return code == ExitCode.INTERRUPTED ? interruption.exitCode() : code.code();
  }

  private ExitCode run() {
    try {
      ParseResult parsed = Commands.parser(options, arguments).parseArgs(array());
      return execute(leaf(parsed));
    } catch (ParameterException e) {
      return errors.report(e);
    } catch (OutputClosed e) {
      // The reader had enough: that is no error.
      return ExitCode.OK;
    } catch (RuntimeException | Error e) {
      return errors.report(e, interruption);
    }
  }

  private String[] array() {
    return arguments.toArray(String[]::new);
  }

  private static ParseResult leaf(ParseResult parsed) {
    ParseResult at = parsed;
    while (at.hasSubcommand() && !at.isUsageHelpRequested()) {
      at = at.subcommand();
    }
    return at;
  }

  private ExitCode execute(ParseResult leaf) {
    CommandLine command = leaf.commandSpec().commandLine();
    if (leaf.isUsageHelpRequested()) {
      print(usage(command));
      return ExitCode.OK;
    }
    if (leaf.isVersionHelpRequested()) {
      print(String.join(System.lineSeparator(), command.getCommandSpec().version()));
      return ExitCode.OK;
    }
    if (!(leaf.commandSpec().userObject() instanceof FirnCommand runnable)) {
      return withoutCommand(leaf);
    }
    verbosity();
    try (Session session = new Session(host, options, interruption)) {
      runnable.run(session);
      session.flush();
    }
    return ExitCode.OK;
  }

  /** {@code firn} alone, or {@code firn branch}: there is something to add. */
  private ExitCode withoutCommand(ParseResult leaf) {
    CommandLine command = leaf.commandSpec().commandLine();
    String words = leaf.commandSpec().qualifiedName();
    String choices =
        command.getParent() == null
            ? "'firn --help' lists them"
            : "expected one of "
                + command.getSubcommands().keySet().stream().collect(Collectors.joining(", "));
    return errors.usage("Cannot run '%s': a command is missing; %s".formatted(words, choices));
  }

  private static String usage(CommandLine command) {
    return command.getUsageMessage(Help.Ansi.OFF).stripTrailing();
  }

  private void print(String text) {
    try (DataOut out = new DataOut(host.out())) {
      out.line(text);
    }
  }

  private void verbosity() {
    if (options.verbose()) {
      // Read by slf4j-simple when the first logger is made, which is later than this.
      System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
    }
  }
}
