package dev.firn.ingest.read;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The elements of an array, or root values, read as one token stream. */
final class JsonStream implements JsonItems {
  private final Source source;
  private final JsonLayout layout;
  private final JsonParser parser;
  private long record;
  private boolean started;
  private boolean ended;

  JsonStream(Source source, JsonLayout layout, ReadMonitor monitor) {
    this.source = source;
    this.layout = layout;
    try {
      this.parser = JsonTree.FACTORY.createParser(source.open(monitor));
    } catch (IOException e) {
      throw source.failed(e);
    }
  }

  @Override
  public @Nullable JsonItem next() {
    if (ended) {
      return null;
    }
    try {
      if (!started) {
        started = true;
        start();
      }
      JsonToken token = parser.nextToken();
      boolean sequence = layout.kind() == JsonLayout.Kind.SEQUENCE;
      if (sequence ? token == null : token == JsonToken.END_ARRAY) {
        finish();
        return null;
      }
      return item();
    } catch (JsonProcessingException e) {
      throw damaged(source, e, record);
    } catch (IOException e) {
      throw source.failed(e);
    }
  }

  private JsonItem item() throws IOException {
    record++;
    long line = parser.currentTokenLocation().getLineNr();
    String at = "line %d, record %d".formatted(line, record);
    try {
      return JsonItem.of(JsonTree.read(parser), line, at);
    } catch (JsonTree.DuplicateMember e) {
      return new JsonItem(null, line, at, e.getMessage(), "");
    }
  }

  private void start() throws IOException {
    if (layout.kind() == JsonLayout.Kind.ARRAY) {
      parser.nextToken();
    }
    if (layout.kind() != JsonLayout.Kind.MEMBER) {
      return;
    }
    boolean object = parser.nextToken() == JsonToken.START_OBJECT;
    String name = object ? parser.nextFieldName() : null;
    while (name != null && !name.equals(layout.member())) {
      parser.nextToken();
      parser.skipChildren();
      name = parser.nextFieldName();
    }
    if (name == null || parser.nextToken() != JsonToken.START_ARRAY) {
      throw layout.missing(source);
    }
  }

  /** What follows the rows must be sound too: a file cut short is not loaded in part. */
  private void finish() throws IOException {
    ended = true;
    JsonToken token = parser.nextToken();
    if (layout.kind() == JsonLayout.Kind.ARRAY && token != null) {
      throw FirnException.invalid(
          "Cannot load %s: line %d: expected the end of the file after the array, got more text"
              .formatted(source.name(), parser.currentTokenLocation().getLineNr()));
    }
    while (token != null) {
      token = parser.nextToken();
    }
  }

  /** Returns the error for text that is no JSON; {@code record} is the last one begun, or 0. */
  static FirnException damaged(Source source, JsonProcessingException e, long record) {
    JsonLocation location = e.getLocation();
    String line = location == null ? "" : ": line " + location.getLineNr();
    String column = location == null ? "" : ", character " + location.getColumnNr();
    String during = record == 0 ? "" : ", in or after record " + record;
    boolean cut = e instanceof JsonEOFException;
    String reason = cut ? "the text ends in the middle of a value" : firstLine(e);
    return new FirnException(
        cut ? ErrorKind.CORRUPT : ErrorKind.INVALID,
        "Cannot load %s%s%s%s: %s, expected sound JSON%s"
            .formatted(
                source.name(),
                line,
                column,
                during,
                reason,
                cut ? "; the file may be cut short: fetch it again" : ""),
        e);
  }

  static String firstLine(JsonProcessingException e) {
    return e.getOriginalMessage().lines().findFirst().orElse("malformed");
  }

  @Override
  public void close() {
    try {
      parser.close();
    } catch (IOException e) {
      throw source.failed(e);
    }
  }
}
