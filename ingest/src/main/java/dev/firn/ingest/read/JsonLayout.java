package dev.firn.ingest.read;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.firn.error.FirnException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the rows of one JSON file are. Immutable.
 *
 * <p>A file that begins with an array has its elements as rows; one that holds several objects has
 * each as a row. A single object is one row, unless exactly one of its members is an array of
 * objects and that array makes up more than half of the text (such as {@code results}): then that
 * array's elements are. A GeoJSON {@code FeatureCollection} always has its features as rows.
 */
record JsonLayout(Kind kind, @Nullable String member) {
  enum Kind {
    /** The elements of the top-level array. */
    ARRAY,
    /** One value per line. */
    LINES,
    /** Values one after the other, each as long as it likes. */
    SEQUENCE,
    /** The elements of one member of the single top-level object. */
    MEMBER
  }

  /** Stands among the array names for {@code "type": "FeatureCollection"}. */
  private static final String GEO_TYPE = "type=FeatureCollection";

  private static final JsonLayout LINES = new JsonLayout(Kind.LINES, null);
  private static final JsonLayout SEQUENCE = new JsonLayout(Kind.SEQUENCE, null);

  /** Looks as far into the file as it needs to: two values, or a single object to its end. */
  static JsonLayout of(Source source, ReadOptions options) {
    String member = options.recordsAt();
    if (member != null && !member.equals(".")) {
      return new JsonLayout(Kind.MEMBER, member);
    }
    if (source.format() == InputFormat.NDJSON) {
      return LINES;
    }
    try (JsonParser parser = JsonTree.FACTORY.createParser(source.open(ReadMonitor.NONE))) {
      JsonToken first = parser.nextToken();
      if (first == JsonToken.START_ARRAY) {
        return new JsonLayout(Kind.ARRAY, null);
      }
      return first == JsonToken.START_OBJECT ? ofObject(parser, member) : LINES;
    } catch (JsonProcessingException e) {
      // Reading the rows will meet the same damage and name its place.
      boolean firstLine = e.getLocation() != null && e.getLocation().getLineNr() == 1;
      return firstLine && !(e instanceof JsonEOFException) ? LINES : SEQUENCE;
    } catch (IOException e) {
      throw source.failed(e);
    }
  }

  private static JsonLayout ofObject(JsonParser parser, @Nullable String member)
      throws IOException {
    List<String> arrays = new ArrayList<>();
    long largest = members(parser, arrays);
    int line = parser.currentTokenLocation().getLineNr();
    long end = parser.currentLocation().getByteOffset();
    try {
      if (parser.nextToken() != null) {
        return line == 1 ? LINES : SEQUENCE;
      }
    } catch (JsonProcessingException e) {
      return line == 1 ? LINES : SEQUENCE;
    }
    if (member != null) {
      return SEQUENCE;
    }
    if (arrays.contains(GEO_TYPE) && arrays.contains("features")) {
      return new JsonLayout(Kind.MEMBER, "features");
    }
    boolean bulk = arrays.size() == 1 && !arrays.contains(GEO_TYPE) && largest * 2 > end;
    return bulk ? new JsonLayout(Kind.MEMBER, arrays.get(0)) : SEQUENCE;
  }

  /** Collects the names of members that are arrays of objects; returns the bytes of the last. */
  private static long members(JsonParser parser, List<String> arrays) throws IOException {
    long largest = 0;
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      if (token == JsonToken.START_ARRAY) {
        long start = parser.currentTokenLocation().getByteOffset();
        boolean objects = parser.nextToken() == JsonToken.START_OBJECT;
        skipToEndOfArray(parser);
        if (objects) {
          arrays.add(name);
          largest = parser.currentLocation().getByteOffset() - start;
        }
      } else {
        boolean type = name.equals("type") && token == JsonToken.VALUE_STRING;
        if (type && parser.getText().equals("FeatureCollection")) {
          arrays.add(GEO_TYPE);
        }
        parser.skipChildren();
      }
    }
    return largest;
  }

  private static void skipToEndOfArray(JsonParser parser) throws IOException {
    while (parser.currentToken() != JsonToken.END_ARRAY) {
      parser.skipChildren();
      if (parser.nextToken() == null) {
        return;
      }
    }
  }

  /** Returns what a user should know about the choice, or null. */
  @Nullable String note(Source source) {
    if (kind != Kind.MEMBER) {
      return null;
    }
    return "%s: the rows are the elements of member '%s' (--records-at . loads the document as one row)"
        .formatted(source.name(), member);
  }

  /** Returns the error for a member that is not there or is no array. */
  FirnException missing(Source source) {
    return FirnException.invalid(
        "Cannot load %s: the top-level object has no array '%s', which --records-at names"
            .formatted(source.name(), member));
  }
}
