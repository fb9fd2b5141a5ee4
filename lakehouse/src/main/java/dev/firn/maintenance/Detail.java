package dev.firn.maintenance;

import java.util.Map;
import java.util.TreeMap;

/** What a piece of work did or why it failed, as a JSON object. Stateless. */
final class Detail {
  private static final int MOST = 2_000;

  private Detail() {}

  /** Numbers and truth values as such, all else as text. */
  static String of(Map<String, ?> values) {
    StringBuilder json = new StringBuilder("{");
    new TreeMap<>(values)
        .forEach(
            (name, value) -> {
              json.append(json.length() == 1 ? "" : ",").append(quoted(name)).append(':');
              json.append(
                  value instanceof Number || value instanceof Boolean
                      ? value.toString()
                      : quoted(String.valueOf(value)));
            });
    return json.append('}').toString();
  }

  static String ofFailure(Throwable failure) {
    return of(Map.of("error", String.valueOf(failure.getMessage())));
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.substring(0, Math.min(MOST, text.length())).toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        // A cut may have parted a pair, and a database refuses half of one.
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
