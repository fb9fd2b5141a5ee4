package dev.firn.ingest.read;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One value per line: a line that is no JSON spoils only itself. Blank lines are skipped. */
final class JsonLines implements JsonItems {
  private final Source source;
  private final LineReader lines;

  JsonLines(Source source, ReadMonitor monitor) {
    this.source = source;
    this.lines = new LineReader(source.open(monitor));
  }

  @Override
  public @Nullable JsonItem next() {
    try {
      while (lines.next()) {
        JsonItem item = item();
        if (item != null) {
          return item;
        }
      }
      return null;
    } catch (IOException e) {
      throw source.failed(e);
    }
  }

  private @Nullable JsonItem item() throws IOException {
    long line = lines.line();
    String at = "line " + line;
    try (JsonParser parser =
        JsonTree.FACTORY.createParser(lines.buffer(), lines.offset(), lines.length())) {
      if (parser.nextToken() == null) {
        return null;
      }
      Object value = JsonTree.read(parser);
      if (parser.nextToken() != null) {
        return wrong(line, at, "expected one JSON value per line, got more after the first");
      }
      return JsonItem.of(value, line, at);
    } catch (JsonTree.DuplicateMember e) {
      return wrong(line, at, String.valueOf(e.getMessage()));
    } catch (JsonProcessingException e) {
      int character = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      String reason =
          "expected sound JSON, got damage at character %d (%s)"
              .formatted(character, JsonStream.firstLine(e));
      return wrong(line, at, reason);
    }
  }

  private JsonItem wrong(long line, String at, String reason) {
    String text =
        new String(lines.buffer(), lines.offset(), lines.length(), StandardCharsets.UTF_8);
    return new JsonItem(null, line, at, reason, text);
  }

  @Override
  public void close() {
    try {
      lines.close();
    } catch (IOException e) {
      throw source.failed(e);
    }
  }
}
