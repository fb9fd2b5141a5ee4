package dev.firn.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits a script into statements. Stateless. */
public final class SqlScript {
  /** What a semicolon inside does not end: comments, and strings or names in any quotes. */
  private static final Pattern PIECE =
      Pattern.compile(
          "--[^\\n]*|/\\*.*?(?:\\*/|\\z)"
              + "|[eE]'[^'\\\\]*+(?:(?:\\\\.|'')[^'\\\\]*+)*+'?"
              + "|'[^']*+(?:''[^']*+)*+'?|\"[^\"]*+(?:\"\"[^\"]*+)*+\"?"
              + "|(\\$(?:[\\p{L}_][\\p{L}\\d_]*)?\\$).*?(?:\\1|\\z)"
              + "|[\\p{L}\\d_]+|;|.",
          Pattern.DOTALL);

  private SqlScript() {}

  /**
   * Returns the statements in order, each without its semicolon and surrounding white space; those
   * that hold nothing but comments are left out.
   */
  public static List<String> split(String script) {
    List<String> statements = new ArrayList<>();
    Matcher pieces = PIECE.matcher(script);
    int start = 0;
    boolean something = false;
    while (pieces.find()) {
      String piece = pieces.group();
      if (piece.equals(";")) {
        add(statements, script.substring(start, pieces.start()), something);
        start = pieces.end();
        something = false;
      } else {
        something |= !comment(piece) && !piece.isBlank();
      }
    }
    add(statements, script.substring(start), something);
    return List.copyOf(statements);
  }

  /** Returns where the statement's first word starts, behind comments and white space. */
  static int firstWord(String statement) {
    Matcher pieces = PIECE.matcher(statement);
    while (pieces.find()) {
      if (!comment(pieces.group()) && !pieces.group().isBlank()) {
        return pieces.start();
      }
    }
    return statement.length();
  }

  private static boolean comment(String piece) {
    return piece.startsWith("--") || piece.startsWith("/*");
  }

  private static void add(List<String> statements, String text, boolean something) {
    if (something) {
      statements.add(text.strip());
    }
  }
}
