package dev.firn.cli.output;

/** How many terminal cells text takes, and text made safe and short for one. Stateless. */
final class DisplayWidth {
  private static final String ELLIPSIS = "…";

  private DisplayWidth() {}

  static int of(String text) {
    return text.codePoints().map(DisplayWidth::cells).sum();
  }

  private static int cells(int point) {
    int type = Character.getType(point);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT) {
      return 0;
    }
    return wide(point) ? 2 : 1;
  }

  private static boolean wide(int point) {
    return point >= 0x1100
        && (Character.isIdeographic(point)
            || point <= 0x115F
            || (point >= 0x3000 && point <= 0x33FF)
            || (point >= 0xAC00 && point <= 0xD7A3)
            || (point >= 0xFF00 && point <= 0xFF60)
            || (point >= 0x1F300 && point <= 0x1FAFF));
  }

  /** Escapes what would break the line or drive the terminal. */
  static String printable(String text) {
    if (text.chars().noneMatch(Character::isISOControl)) {
      return text;
    }
    StringBuilder safe = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      switch (character) {
        case '\n' -> safe.append("\\n");
        case '\r' -> safe.append("\\r");
        case '\t' -> safe.append("\\t");
        default -> {
          if (Character.isISOControl(character)) {
            safe.append("\\u%04x".formatted((int) character));
          } else {
            safe.append(character);
          }
        }
      }
    }
    return safe.toString();
  }

  /** Cuts to {@code cells}, the last of which is then an ellipsis. */
  static String cut(String text, int cells) {
    if (of(text) <= cells) {
      return text;
    }
    StringBuilder kept = new StringBuilder();
    int used = 1;
    for (int point : text.codePoints().toArray()) {
      used += cells(point);
      if (used > cells) {
        break;
      }
      kept.appendCodePoint(point);
    }
    return kept + ELLIPSIS;
  }
}
