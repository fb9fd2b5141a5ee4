package dev.firn.cli.command;

import java.util.Arrays;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;

/**
 * Lays out options with descriptions that are broken at spaces alone: picocli's own break inside
 * {@code ./warehouse} and {@code 12:00:00Z} too. While lines are broken, signs stand as letters of
 * a private alphabet.
 */
final class WholeWords extends Help.Layout {
  private static final char FIRST = '\uE000';
  private static final int SIGNS = 0x80;

  WholeWords(Help help) {
    super(help.colorScheme(), help.createDefaultLayout().textTable());
  }

  @Override
  public void layout(ArgSpec argument, Ansi.Text[][] rows) {
    Ansi.Text[][] joined =
        Arrays.stream(rows)
            .map(row -> Arrays.stream(row).map(WholeWords::join).toArray(Ansi.Text[]::new))
            .toArray(Ansi.Text[][]::new);
    super.layout(argument, joined);
  }

  private static Ansi.Text join(Ansi.Text text) {
    StringBuilder joined = new StringBuilder();
    for (char character : text.plainString().toCharArray()) {
      boolean sign = character < SIGNS && character > ' ' && !Character.isLetterOrDigit(character);
      joined.append(sign ? (char) (FIRST + character) : character);
    }
    return Ansi.OFF.text(joined.toString());
  }

  @Override
  public String toString() {
    StringBuilder parted = new StringBuilder();
    for (char character : super.toString().toCharArray()) {
      boolean sign = character >= FIRST && character < FIRST + SIGNS;
      parted.append(sign ? (char) (character - FIRST) : character);
    }
    return parted.toString();
  }
}
