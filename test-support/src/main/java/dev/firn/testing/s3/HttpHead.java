package dev.firn.testing.s3;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The first line and the header lines of a request or an answer, as they came: byte for byte, since
 * a signature covers them.
 */
record HttpHead(String first, List<String> lines, Map<String, String> headers) {
  private static final int LONGEST_LINE = 64 << 10;

  /** Returns the next head, or null where the connection ended before one. */
  static @Nullable HttpHead read(InputStream in) throws IOException {
    String first = line(in);
    if (first == null) {
      return null;
    }
    List<String> lines = new ArrayList<>();
    Map<String, String> headers = new HashMap<>();
    for (String line = some(in); !line.isEmpty(); line = some(in)) {
      int colon = line.indexOf(':');
      lines.add(line);
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
    }
    return new HttpHead(first, lines, headers);
  }

  /** Returns a part of the first line, which spaces separate. */
  String part(int index) {
    return first.split(" ", 3)[index];
  }

  int status() {
    return Integer.parseInt(part(1));
  }

  boolean chunked() {
    return has("transfer-encoding", "chunked");
  }

  /** Whether the sender ends the connection after this message. */
  boolean last() {
    return has("connection", "close");
  }

  /** Whether the sender waits for a word before it sends the body. */
  boolean waits() {
    return has("expect", "100-continue");
  }

  /** Returns the length of the body by its header, -1 where it has none. */
  long length() {
    String length = headers.get("content-length");
    return length == null ? -1 : Long.parseLong(length);
  }

  /** Writes it without some headers and with some lines more. */
  void write(OutputStream out, Set<String> without, List<String> more) throws IOException {
    StringBuilder text = new StringBuilder(first).append("\r\n");
    for (String line : lines) {
      if (!without.contains(line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT))) {
        text.append(line).append("\r\n");
      }
    }
    more.forEach(line -> text.append(line).append("\r\n"));
    out.write(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  private boolean has(String name, String value) {
    return value.equalsIgnoreCase(headers.get(name));
  }

  static String some(InputStream in) throws IOException {
    String line = line(in);
    if (line == null) {
      throw new EOFException("Connection ended within a message");
    }
    return line;
  }

  private static @Nullable String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0 && line.length() == 0) {
        return null;
      }
      if (next < 0 || line.length() > LONGEST_LINE) {
        throw new EOFException("Connection ended within a line, or the line is too long");
      }
      line.append((char) next);
    }
    int end = line.length();
    return line.substring(0, end > 0 && line.charAt(end - 1) == '\r' ? end - 1 : end);
  }
}
