package dev.firn.ingest.read;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.firn.ingest.value.JsonNumber;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Single JSON values from a token stream, numbers kept as text. Stateless. */
final class JsonTree {
  private static final int MAX_STRING = 1 << 28;

  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(MAX_STRING).build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .enable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  /** A member name that one object has twice: the row is refused, for one value would be lost. */
  static final class DuplicateMember extends Exception {
    private static final long serialVersionUID = 1L;

    DuplicateMember(String name) {
      super("expected each member once, got '" + name + "' twice", null, false, false);
    }
  }

  private @Nullable String duplicate;

  private JsonTree() {}

  /** Reads the value whose first token the parser stands on, and leaves it on the last. */
  static @Nullable Object read(JsonParser parser) throws IOException, DuplicateMember {
    JsonTree tree = new JsonTree();
    Object value = tree.value(parser, parser.currentToken());
    if (tree.duplicate != null) {
      throw new DuplicateMember(tree.duplicate);
    }
    return value;
  }

  private @Nullable Object value(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumber(parser.getText());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new IllegalStateException("no value starts with " + token);
    };
  }

  private Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    int read = 0;
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      members.put(name, value(parser, parser.nextToken()));
      if (members.size() == read) {
        duplicate = name;
      }
      read = members.size();
    }
    return members;
  }

  private List<@Nullable Object> array(JsonParser parser) throws IOException {
    List<@Nullable Object> items = new ArrayList<>();
    JsonToken token = parser.nextToken();
    while (token != JsonToken.END_ARRAY) {
      items.add(value(parser, token));
      token = parser.nextToken();
    }
    return items;
  }
}
