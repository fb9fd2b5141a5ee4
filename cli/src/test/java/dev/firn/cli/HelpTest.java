package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.cli.command.Commands;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HelpTest {
  @TempDir Path directory;
  private Console firn;

  @BeforeEach
  void console() {
    firn = new Console(directory);
  }

  static java.util.List<String> commands() {
    return Commands.names();
  }

  @Test
  void rootHelpNamesEveryCommand() {
    assertThat(firn.ok("--help")).contains(Commands.names());
    assertThat(firn.err).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasHelpWithExamples(String command) {
    String help = firn.ok(command + " --help");

    assertThat(help)
        .startsWith("Usage: firn " + command)
        .contains("Examples:\n  ")
        .contains("firn " + command)
        .contains("Options of every command:")
        .contains("--warehouse=URI");
    assertThat(firn.ok("help " + command)).isEqualTo(help);
  }

  @Test
  void rootHelpSaysUsageOnce() {
    assertThat(firn.ok("--help")).startsWith("Usage: firn COMMAND");
    assertThat(firn.ok("help")).isEqualTo(firn.ok("--help"));
  }

  @Test
  void helpIsBrokenAtSpacesAlone() {
    assertThat(firn.ok("--help")).contains("./warehouse").contains("jdbc:postgresql://…");
    for (String command : Commands.names()) {
      assertThat(firn.ok("help " + command).lines())
          .as(command)
          .noneMatch(line -> line.matches(".*[/:.=-]$") && !line.matches(".*([.:]|-[-=>]*)$"))
          .allMatch(line -> line.chars().noneMatch(c -> c >= 0xE000 && c < 0xF900));
    }
    assertThat(firn.ok("help scan")).contains("./warehouse").contains("12:00:00Z");
  }

  @Test
  void helpOfASubcommand() {
    assertThat(firn.ok("help branch create")).startsWith("Usage: firn branch create");
    assertThat(firn.ok("branch create --help")).startsWith("Usage: firn branch create");
    assertThat(firn.run("help brunch")).isEqualTo(2);
    assertThat(firn.err).contains("did you mean branch?");
  }

  @Test
  void helpListsExitCodes() {
    assertThat(firn.ok("help exit-codes"))
        .contains("    0  done")
        .contains("an input file, is damaged")
        .contains("  130  ");
  }

  @Test
  void optionsStandBeforeOrAfterTheCommand() {
    firn.ok("--warehouse w init");
    assertThat(firn.ok("-w w -o json describe")).isEqualTo("[]\n");
    assertThat(firn.ok("describe -o json -w w")).isEqualTo("[]\n");
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(strings = {"bash", "zsh"})
  void completionNamesCommandsAndOptions(String shell) {
    assertThat(firn.ok("completion " + shell))
        .contains("complete -F _complete_firn")
        .contains("expire-snapshots")
        .contains("fast-forward")
        .contains("--retain-last");
  }

  @Test
  void completionKnowsTwoShells() {
    assertThat(firn.run("completion fish")).isEqualTo(2);
    assertThat(firn.err).contains("expected bash or zsh");
  }

  @Test
  void versionIsOneLine() {
    assertThat(firn.ok("--version")).matches("firn \\d+\\.\\d+\\.\\d+.*\\R");
  }
}
