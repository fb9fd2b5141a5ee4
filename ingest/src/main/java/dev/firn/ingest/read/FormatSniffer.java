package dev.firn.ingest.read;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Recognises formats, by name or by first bytes. Stateless. */
final class FormatSniffer {
  /** As many first bytes as {@link #byContent} looks at. */
  static final int HEAD = 4096;

  private FormatSniffer() {}

  /** Returns the format that a file name says, compression suffix left out, or null. */
  static @Nullable InputFormat byName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    String plain = lower.endsWith(".gz") ? lower.substring(0, lower.length() - 3) : lower;
    return switch (plain.substring(plain.lastIndexOf('.') + 1)) {
      case "csv", "tsv", "tab", "psv" -> InputFormat.CSV;
      case "json", "geojson" -> InputFormat.JSON;
      case "ndjson", "jsonl" -> InputFormat.NDJSON;
      case "parquet", "parq", "pq" -> InputFormat.PARQUET;
      case "arrow", "arrows", "feather", "ipc" -> InputFormat.ARROW;
      default -> null;
    };
  }

  /** Returns whether the bytes start as gzip does. */
  static boolean gzip(byte[] head) {
    return head.length > 1 && (head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b;
  }

  /** Returns whether the bytes start as zstd does. */
  static boolean zstd(byte[] head) {
    return startsWith(head, 0x28, 0xb5, 0x2f, 0xfd);
  }

  /** Returns the format that the first bytes show; anything unknown is taken for delimited text. */
  static InputFormat byContent(byte[] head) {
    byte[] plain = gzip(head) ? unzipped(head) : head;
    if (startsWith(plain, 'P', 'A', 'R', '1')) {
      return InputFormat.PARQUET;
    }
    if (startsWith(plain, 'A', 'R', 'R', 'O', 'W', '1')
        || startsWith(plain, 0xff, 0xff, 0xff, 0xff)) {
      return InputFormat.ARROW;
    }
    Charset wide = Utf8.wide(plain);
    String text = new String(plain, wide == null ? StandardCharsets.UTF_8 : wide).strip();
    boolean bom = !text.isEmpty() && text.charAt(0) == '\uFEFF';
    String start = bom ? text.substring(1).strip() : text;
    return start.startsWith("{") || start.startsWith("[") ? InputFormat.JSON : InputFormat.CSV;
  }

  private static byte[] unzipped(byte[] head) {
    byte[] out = new byte[HEAD];
    int length = 0;
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(head))) {
      for (int n = 0; n >= 0 && length < HEAD; n = in.read(out, length, HEAD - length)) {
        length += n;
      }
    } catch (IOException e) {
      // The head is a part of the file, so its compressed data ends early: what came out will do.
    }
    return java.util.Arrays.copyOf(out, length);
  }

  private static boolean startsWith(byte[] bytes, int... magic) {
    if (bytes.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((bytes[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
