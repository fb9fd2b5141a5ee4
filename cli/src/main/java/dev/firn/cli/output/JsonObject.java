package dev.firn.cli.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object as text. Stateless. */
public final class JsonObject {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonObject() {}

  /** Returns the object on one line. */
  public static String text(Map<String, ? extends @Nullable Object> object) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JsonValues.generator(text)) {
      JsonValues.write(json, object);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** Reads an object of texts, numbers and truth values; anything else comes as one text. */
  public static Map<String, Object> flat(String text) {
    Map<String, Object> values = new LinkedHashMap<>();
    try (JsonParser json = FACTORY.createParser(text)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        values.put(
            name,
            value == JsonToken.VALUE_NUMBER_INT
                ? (Object) json.getLongValue()
                : value.isBoolean() ? (Object) json.getBooleanValue() : json.getText());
      }
      return values;
    } catch (IOException e) {
      return Map.of("text", text);
    }
  }
}
