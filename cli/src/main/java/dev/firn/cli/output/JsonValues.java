package dev.firn.cli.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.temporal.TemporalAccessor;
import java.util.Collection;
import java.util.Map;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Values as JSON: numbers exact, times in ISO-8601, binary in base64, NaN and infinities as strings
 * (JSON has no such numbers), a map with keys that are not strings as an array of {@code key} and
 * {@code value}. Stateless.
 */
final class JsonValues {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .build();

  private JsonValues() {}

  static JsonGenerator generator(Writer out) throws IOException {
    return JSON.createGenerator(out);
  }

  static void write(JsonGenerator json, @Nullable Object value) throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Number number) {
      number(json, number);
    } else if (value instanceof ByteBuffer || value instanceof byte[]) {
      json.writeString(CellText.base64(value));
    } else if (value instanceof TemporalAccessor time) {
      json.writeString(CellText.time(time));
    } else if (value instanceof Record struct) {
      struct(json, struct);
    } else if (value instanceof Collection<?> list) {
      list(json, list);
    } else if (value instanceof Map<?, ?> map) {
      map(json, map);
    } else {
      json.writeString(value.toString());
    }
  }

  private static void number(JsonGenerator json, Number number) throws IOException {
    if (number instanceof BigDecimal decimal) {
      json.writeNumber(decimal);
    } else if (number instanceof BigInteger integer) {
      json.writeNumber(integer);
    } else if (number instanceof Double || number instanceof Float) {
      if (Double.isFinite(number.doubleValue())) {
        // The shortest text of its own type: a float must not show a double's digits.
        json.writeNumber(number.toString());
      } else {
        json.writeString(number.toString());
      }
    } else {
      json.writeNumber(number.longValue());
    }
  }

  private static void struct(JsonGenerator json, Record struct) throws IOException {
    json.writeStartObject();
    int position = 0;
    for (Types.NestedField field : struct.struct().fields()) {
      json.writeFieldName(field.name());
      write(json, struct.get(position++));
    }
    json.writeEndObject();
  }

  private static void list(JsonGenerator json, Collection<?> list) throws IOException {
    json.writeStartArray();
    for (Object element : list) {
      write(json, element);
    }
    json.writeEndArray();
  }

  private static void map(JsonGenerator json, Map<?, ?> map) throws IOException {
    if (map.keySet().stream().allMatch(CharSequence.class::isInstance)) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName(String.valueOf(entry.getKey()));
        write(json, entry.getValue());
      }
      json.writeEndObject();
      return;
    }
    json.writeStartArray();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      json.writeStartObject();
      json.writeFieldName("key");
      write(json, entry.getKey());
      json.writeFieldName("value");
      write(json, entry.getValue());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
