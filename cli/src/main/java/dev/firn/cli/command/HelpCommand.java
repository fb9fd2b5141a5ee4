package dev.firn.cli.command;

import dev.firn.cli.run.ExitCode;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "help",
    description = "Show help of firn, of a command, or the exit codes.",
    footer = {
      "Examples:",
      "  firn help scan",
      "  firn help branch create",
      "  firn help exit-codes"
    })
final class HelpCommand implements FirnCommand {
  static final String EXIT_CODES = "exit-codes";

  @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command, or exit-codes.")
  List<String> path = new ArrayList<>();

  @Override
  public void run(Session session) {
    if (path.equals(List.of(EXIT_CODES))) {
      session.output().line(ExitCode.table());
      return;
    }
    CommandLine at = Commands.complete();
    for (String word : path) {
      CommandLine next = at.getSubcommands().get(word);
      if (next == null) {
        throw FirnException.invalid(
            "Cannot show help of '%s': there is no such command%s"
                .formatted(String.join(" ", path), Commands.hint(word)));
      }
      at = next;
    }
    session.output().line(at.getUsageMessage(CommandLine.Help.Ansi.OFF).stripTrailing());
  }
}
