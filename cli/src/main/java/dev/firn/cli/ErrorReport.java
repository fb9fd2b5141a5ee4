package dev.firn.cli;

import dev.firn.cli.command.Commands;
import dev.firn.cli.output.JsonObject;
import dev.firn.cli.output.OutputFormat;
import dev.firn.cli.run.ExitCode;
import dev.firn.cli.run.GlobalOptions;
import dev.firn.cli.run.Host;
import dev.firn.cli.run.InterruptedCommand;
import dev.firn.cli.run.Interruption;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells of failures on stderr: one line, or one JSON object; a stack trace where it is wanted. */
final class ErrorReport {
  private final Host host;
  private final GlobalOptions options;
  private final List<String> arguments;

  ErrorReport(Host host, GlobalOptions options, List<String> arguments) {
    this.host = host;
    this.options = options;
    this.arguments = arguments;
  }

  /** Reports arguments that cannot be read. */
  ExitCode report(ParameterException error) {
    String command = error.getCommandLine().getCommandSpec().qualifiedName();
    if (error instanceof UnmatchedArgumentException unmatched
        && (error.getCommandLine().getParent() == null
            || !error.getCommandLine().getSubcommands().isEmpty())
        && !unmatched.getUnmatched().get(0).startsWith("-")) {
      String word = unmatched.getUnmatched().get(0);
      return usage(
          "Cannot run '%s %s': there is no such command%s"
              .formatted(command, word, hint(word, error.getCommandLine())));
    }
    if (error instanceof UnmatchedArgumentException unmatched
        && unmatched.getUnmatched().get(0).startsWith("-")) {
      String option = unmatched.getUnmatched().get(0).replaceAll("=.*", "");
      String near =
          NearMatch.hint(option, error.getCommandLine().getCommandSpec().optionsMap().keySet());
      return usage(
          "Cannot run '%s': there is no option %s%s '%s --help' lists them"
              .formatted(command, option, near.isEmpty() ? ";" : near, command));
    }
    String why =
        String.valueOf(error.getMessage())
            .strip()
            .replaceFirst("^Error: ", "")
            .replaceFirst("is not an? (int|long)$", "is no whole number")
            .replaceFirst("is not a double$", "is no number");
    String lower =
        why.isEmpty() ? "" : why.substring(0, 1).toLowerCase(Locale.ROOT) + why.substring(1);
    return usage(
        "Cannot run '%s': %s; '%s --help' shows the usage"
            .formatted(command, lower.replaceAll("\\s*\\R\\s*", " "), command));
  }

  /** The root knows the commands of its arguments alone, others all of theirs. */
  private static String hint(String word, CommandLine below) {
    String near =
        below.getParent() == null
            ? Commands.hint(word)
            : NearMatch.hint(word, below.getSubcommands().keySet());
    String path = below.getCommandSpec().qualifiedName();
    return near.isEmpty() ? "; '%s --help' lists them".formatted(path) : near;
  }

  ExitCode usage(String message) {
    return tell(ExitCode.USAGE, message);
  }

  /** Reports what a command threw. */
  ExitCode report(Throwable error, Interruption interruption) {
    ExitCode code =
        stopped(error, interruption)
            ? tell(ExitCode.INTERRUPTED, "Interrupted: nothing was committed")
            : tell(exit(error), message(error));
    if (options.verbose()) {
      error.printStackTrace(host.err());
    }
    return code;
  }

  /** Whatever goes wrong after the request is its consequence, but an unknown commit stays one. */
  private static boolean stopped(Throwable error, Interruption interruption) {
    boolean unknown =
        error instanceof FirnException known && known.kind() == ErrorKind.COMMIT_STATE_UNKNOWN;
    return error instanceof InterruptedCommand || (interruption.requested() && !unknown);
  }

  private static ExitCode exit(Throwable error) {
    if (error instanceof FirnException known) {
      return ExitCode.of(known.kind());
    }
    if (error instanceof UncheckedIOException) {
      return ExitCode.UNAVAILABLE;
    }
    return ExitCode.INTERNAL;
  }

  private String message(Throwable error) {
    if (error instanceof FirnException known) {
      return String.valueOf(known.getMessage());
    }
    String doing = "Cannot finish '" + words() + "': ";
    if (error instanceof UncheckedIOException) {
      return doing + error.getMessage();
    }
    if (error instanceof OutOfMemoryError) {
      return doing
          + "out of memory; give it more with FIRN_JAVA_OPTS=-Xmx4g ["
          + error.getMessage()
          + "]";
    }
    return doing
        + "%s; this is a defect in Firn: please report it with what --verbose shows"
            .formatted(error);
  }

  private String words() {
    return arguments.stream()
        .filter(word -> !word.startsWith("-"))
        .findFirst()
        .map(word -> "firn " + word)
        .orElse("firn");
  }

  private ExitCode tell(ExitCode code, String message) {
    if (json()) {
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("error", code.name().toLowerCase(Locale.ROOT));
      object.put("exit_code", code.code());
      object.put("message", message);
      host.err().println(JsonObject.text(object));
    } else {
      host.err().println("firn: " + message);
    }
    return code;
  }

  /** The arguments are looked at as they are: they may be what cannot be parsed. */
  private boolean json() {
    if (options.output() != null) {
      return options.output() == OutputFormat.JSON;
    }
    String line = String.join("\n", arguments).toLowerCase(Locale.ROOT);
    return line.matches("(?s)(.*\\n)?(--output|-o)[=\\n]json(\\n.*)?")
        || "json".equalsIgnoreCase(host.environment().get("FIRN_OUTPUT"));
  }
}
