package dev.firn.cli.command;

import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "completion",
    description = "Print a script that completes commands and options.",
    footer = {
      "Examples:",
      "  source <(firn completion bash)      # in ~/.bashrc",
      "  source <(firn completion zsh)       # in ~/.zshrc, after compinit"
    })
final class CompletionCommand implements FirnCommand {
  private static final List<String> SHELLS = List.of("bash", "zsh");

  @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
  String shell = "";

  @Override
  public void run(Session session) {
    if (!SHELLS.contains(shell)) {
      throw FirnException.invalid(
          "Cannot complete in '%s': expected bash or zsh%s"
              .formatted(shell, NearMatch.hint(shell, SHELLS)));
    }
    if (shell.equals("zsh")) {
      // The script is bash's; zsh runs it through this.
      session.output().line("autoload -U +X compinit && compinit");
      session.output().line("autoload -U +X bashcompinit && bashcompinit");
    }
    session.output().line(AutoComplete.bash("firn", Commands.complete()));
  }
}
