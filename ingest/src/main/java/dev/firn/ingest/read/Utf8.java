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
