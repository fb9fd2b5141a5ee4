package dev.firn.ingest.read;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Text of inputs: UTF-8, or UTF-16 where a byte order mark says so, strictly decoded. Stateless.
 */
final class Utf8 {
  private Utf8() {}

  /** Opens the text without its byte order mark. Malformed bytes are an exception, never a mark. */
  static Reader open(InputStream bytes) throws IOException {
    PushbackInputStream in = new PushbackInputStream(bytes, 3);
    byte[] head = in.readNBytes(3);
    Charset charset = StandardCharsets.UTF_8;
    int mark = 0;
    if (head.length == 3
        && (head[0] & 0xff) == 0xef
        && (head[1] & 0xff) == 0xbb
        && (head[2] & 0xff) == 0xbf) {
      mark = 3;
    } else if (head.length >= 2 && (head[0] & 0xff) == 0xfe && (head[1] & 0xff) == 0xff) {
      charset = StandardCharsets.UTF_16BE;
      mark = 2;
    } else if (head.length >= 2 && (head[0] & 0xff) == 0xff && (head[1] & 0xff) == 0xfe) {
      charset = StandardCharsets.UTF_16LE;
      mark = 2;
    }
    in.unread(head, mark, head.length - mark);
    return new InputStreamReader(in, strict(charset));
  }

  /**
   * Returns the encoding that the first bytes of a text show, a byte order mark or a first
   * character of two or four bytes, where it is not UTF-8; else null.
   */
  static @Nullable Charset wide(byte[] head) {
    if (head.length < 2) {
      return null;
    }
    int first = (head[0] & 0xff) << 8 | (head[1] & 0xff);
    boolean zeros = head.length >= 4 && head[2] == 0 && head[3] == 0;
    if (first == 0 && head.length >= 4) {
      return Charset.forName("UTF-32BE");
    }
    if (first == 0xfffe || (first & 0xff) == 0) {
      return zeros ? Charset.forName("UTF-32LE") : StandardCharsets.UTF_16LE;
    }
    return first == 0xfeff || first >>> 8 == 0 ? StandardCharsets.UTF_16BE : null;
  }

  /** Throws where a text that is read byte by byte is in another encoding. */
  static void require(Source source) {
    try (InputStream in = source.open(ReadMonitor.NONE)) {
      Charset charset = wide(in.readNBytes(4));
      if (charset != null) {
        throw FirnException.invalid(
            "Cannot load %s: expected UTF-8, got %s; convert the file first: iconv -f %s -t UTF-8 %s"
                .formatted(source.name(), charset, charset, source.name()));
      }
    } catch (IOException e) {
      throw source.failed(e);
    }
  }

  private static CharsetDecoder strict(Charset charset) {
    return charset
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT);
  }

  /** Reads the source again to name the place of its first malformed byte. */
  static FirnException malformed(Source source, Throwable cause) {
    CharsetDecoder decoder = strict(StandardCharsets.UTF_8);
    long line = 1;
    long offset = 0;
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    CharBuffer chars = CharBuffer.allocate(1 << 16);
    try (InputStream in = source.open(ReadMonitor.NONE)) {
      CoderResult result = CoderResult.UNDERFLOW;
      for (int n = 0; n >= 0 && !result.isError(); ) {
        n = in.read(bytes.array(), bytes.position(), bytes.remaining());
        bytes.limit(bytes.position() + Math.max(n, 0)).rewind();
        result = decoder.decode(bytes, chars, n < 0);
        offset += bytes.position();
        line += chars.flip().chars().filter(c -> c == '\n').count();
        chars.clear();
        if (!result.isError()) {
          bytes.compact();
        }
      }
      String bad = result.isError() ? " (0x%02X)".formatted(bytes.get(bytes.position())) : "";
      return new FirnException(
          dev.firn.error.ErrorKind.INVALID,
          "Cannot load %s: line %d: the byte at offset %d%s is not valid UTF-8; convert the file first, for example: iconv -f ISO-8859-1 -t UTF-8 %s"
              .formatted(source.name(), line, offset, bad, source.name()),
          cause);
    } catch (IOException e) {
      return source.failed(e);
    }
  }
}
