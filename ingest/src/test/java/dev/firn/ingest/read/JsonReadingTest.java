package dev.firn.ingest.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.ingest.SchemaText;
import dev.firn.ingest.value.JsonNumber;
import dev.firn.ingest.value.JsonTexts;
import java.math.BigDecimal;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonReadingTest {
  @TempDir Path dir;

  private Path json(String text) throws Exception {
    return Reading.file(dir, "t.json", text);
  }

  private Path lines(String... lines) throws Exception {
    return Reading.file(dir, "t.ndjson", String.join("\n", lines) + "\n");
  }

  private String typeOf(String... values) throws Exception {
    String[] rows = Arrays.stream(values).map(v -> "{\"c\":" + v + "}").toArray(String[]::new);
    return Reading.of(lines(rows)).types().get("c");
  }

  @Test
  void infersTheNarrowestTypeThatKeepsEveryValue() throws Exception {
    assertThat(typeOf("1", "-2", "null")).isEqualTo("long");
    assertThat(typeOf("1", "2.5")).isEqualTo("double");
    assertThat(typeOf("1.5", "1e10")).isEqualTo("double");
    assertThat(typeOf("0.1234567890123456789")).isEqualTo("decimal(38, 19)");
    assertThat(typeOf("9007199254740993", "0.5")).isEqualTo("decimal(18, 1)");
    assertThat(typeOf("12345678901234567890")).isEqualTo("decimal(38, 0)");
    assertThat(typeOf("true")).isEqualTo("boolean");
    assertThat(typeOf("true", "1")).isEqualTo("string");
    assertThat(typeOf("\"1\"", "\"2\"")).isEqualTo("string");
    assertThat(typeOf("\"x\"", "1")).isEqualTo("string");
    assertThat(typeOf("null")).isEqualTo("string");
    assertThat(typeOf("{}")).isEqualTo("string");
    assertThat(typeOf("\"2020-01-31\"")).isEqualTo("date");
    assertThat(typeOf("\"2020-01-31\"", "\"\"")).isEqualTo("string");
    assertThat(typeOf("\"2020-01-31T00:00:00Z\"")).isEqualTo("timestamptz");
    assertThat(typeOf("[1]", "[2.5,null]", "[]")).isEqualTo("list<double>");
    assertThat(typeOf("[]")).isEqualTo("list<string>");
    assertThat(typeOf("{\"a\":1}", "{\"b\":[{\"c\":\"x\"}]}"))
        .isEqualTo(
            "struct<2: a: optional long, 3: b: optional list<struct<5: c: optional string>>>");
  }

  @Test
  void readsEveryLayout() throws Exception {
    String[] layouts = {
      "[{\"a\":1},{\"a\":2}]",
      " [\n {\"a\":1},\n {\"a\":2}\n]\n",
      "{\"a\":1}\n{\"a\":2}",
      "{\"a\":1}\r\n\r\n{\"a\":2}\r\n",
      "{\n\"a\":1\n}\n{\n\"a\":2}",
      "{\"m\":[1],\"rows\":[{\"a\":1},  {\"a\":2}]}",
      "{\"type\":\"FeatureCollection\",\"about\":\"longer than the features\",\"features\":[{\"a\":1},{\"a\":2}]}",
      "\uFEFF[{\"a\":1},{\"a\":2}]",
    };
    for (String layout : layouts) {
      assertThat(Reading.of(json(layout)).column("a")).as(layout).containsExactly(1L, 2L);
    }
    assertThat(Reading.of(json("[]")).rows).isEmpty();
    assertThat(Reading.of(json("{\"a\":1}")).column("a")).containsExactly(1L);
    String order = "{\"customer\":\"somebody with a long name\",\"lines\":[{\"a\":1}]}";
    assertThat(Reading.of(json(order)).types().keySet()).containsExactly("customer", "lines");
    assertThat(Reading.of(ReadOptions.DEFAULT.recordsAt("lines"), json(order)).column("a"))
        .containsExactly(1L);
    String wide = "{\"rows\":[{\"a\":1},{\"a\":2}]}";
    assertThat(Reading.of(ReadOptions.DEFAULT.recordsAt("."), json(wide)).rows).hasSize(1);
    assertThat(Reading.of(json(wide)).inferred.notes())
        .anyMatch(n -> n.contains("the rows are the elements of member 'rows'"));
    assertThatThrownBy(() -> Reading.of(ReadOptions.DEFAULT.recordsAt("nope"), json(wide)))
        .hasMessageContaining("the top-level object has no array 'nope'");
  }

  @Test
  void keepsTheJsonTextOfMixedValues() throws Exception {
    Reading reading =
        Reading.of(
            lines(
                "{\"t\":\"a\"}",
                "{\"t\":1776}",
                "{\"t\":1.50}",
                "{\"t\":{\"x\":[true,null,\"q\\\"\"]}}"));
    assertThat(reading.column("t"))
        .containsExactly("a", "1776", "1.50", "{\"x\":[true,null,\"q\\\"\"]}");
    assertThat(reading.inferred.notes())
        .containsExactly(
            "column 't' holds strings and numbers and objects (from line 2), read as string");
  }

  @Test
  void namesThePlaceOfDamage() throws Exception {
    assertThatThrownBy(() -> Reading.of(json("[{\"a\":1},\n{\"a\":2},\n{\"a\":")))
        .hasMessageContaining("t.json: line 3")
        .hasMessageContaining("the text ends in the middle of a value")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.CORRUPT);
    assertThatThrownBy(() -> Reading.of(json("{\"features\":[{\"a\":1},{\"a\":2}")))
        .hasMessageContaining("cut short");
    assertThatThrownBy(() -> Reading.of(json("[{\"a\":1},\n{\"a\" 2}]")))
        .hasMessageContaining("t.json: line 2");
    assertThatThrownBy(() -> Reading.of(lines("{\"a\":1}", "{\"a\":", "{\"a\":3}")))
        .hasMessageContaining("t.ndjson: line 2: expected sound JSON");
    assertThatThrownBy(() -> Reading.of(lines("{\"a\":1}", "[1]")))
        .hasMessageContaining("line 2: expected an object, got [1]");
    assertThatThrownBy(() -> Reading.of(lines("{\"a\":1,\"a\":2}")))
        .hasMessageContaining("line 1: expected each member once, got 'a' twice");
    Path latin =
        Files.write(
            dir.resolve("l.ndjson"),
            "{\"a\":\"caf\u00e9\"}\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Reading.of(latin))
        .hasMessageContaining("line 1")
        .hasMessageContaining("UTF-8");
  }

  @Test
  void namesLineColumnAndValueOfAChangedType() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i < 90_000; i++) {
      text.append("{\"id\":").append(i).append(",\"v\":{\"n\":[1]}}\n");
    }
    text.append("{\"id\":90000,\"v\":{\"n\":[1,\"two\"]}}\n");
    Path file = Reading.file(dir, "t.ndjson", text.toString());
    assertThatThrownBy(
            () -> Reading.strict(SchemaText.parse("id long, v struct<n: list<long>>"), file))
        .hasMessageContaining(
            "t.ndjson: line 90000, column 'v.n[1]': expected long, got '\"two\"'");
    assertThatThrownBy(() -> Reading.of(ReadOptions.DEFAULT.sampleRows(10), file))
        .hasMessageContaining("line 90000");
    assertThat(Reading.of(file).inferred.notes())
        .anyMatch(n -> n.contains("'v.n[]'") && n.contains("from line 90000"));
  }

  @Test
  void setsRowsAsideWithTheirReason() throws Exception {
    Path file =
        lines(
            "{\"id\":1}",
            "{\"id\":\"2\"}",
            "{\"id\":1.5}",
            "{\"id\":4,\"extra\":true}",
            "oops",
            "{\"n\":1}",
            "{\"id\":5.0,\"n\":99999999999999999999}",
            "{\"id\":6.0}");
    Reading reading = Reading.lenient(SchemaText.parse("id int not null, n long"), file);
    assertThat(reading.column("id")).containsExactly(1, 6);
    assertThat(reading.rejected)
        .extracting(r -> r.line() + "|" + r.column() + "|" + r.reason())
        .containsExactly(
            "2|id|expected int, got '\"2\"'",
            "3|id|expected int, got '1.5'",
            "4|extra|expected no such member, got 'true'",
            "5||expected sound JSON, got damage at character 1 (Unrecognized token 'oops': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false'))",
            "6|id|expected int, not null, got null",
            "7|n|expected long (-9223372036854775808 to 9223372036854775807), got '99999999999999999999'");
    assertThat(reading.rejected.get(3).raw()).isEqualTo("oops");
    assertThat(reading.rejected.get(2).raw()).isEqualTo("{\"id\":4,\"extra\":true}");
  }

  @Test
  void readsUnderAnyGivenSchema() throws Exception {
    Path file =
        lines(
            "{\"i\":1,\"f\":0.5,\"p\":12.5,\"d\":\"2020-01-31\",\"m\":{\"a\":1,\"b\":null},\"u\":\"8a8c1d4e-0000-4000-8000-000000000001\"}");
    Reading reading =
        Reading.strict(
            SchemaText.parse("i int, f float, p decimal(9,2), d date, m map<string,long>, u uuid"),
            file);
    Record row = reading.rows.get(0);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("a", 1L);
    map.put("b", null);
    assertThat(row.getField("p")).isEqualTo(new BigDecimal("12.50"));
    assertThat(row.getField("d")).isEqualTo(LocalDate.of(2020, 1, 31));
    assertThat(row.getField("m")).isEqualTo(map);
    assertThat(row.getField("f")).isEqualTo(0.5f);
  }

  @Test
  void randomDocumentsComeBackEqual() throws Exception {
    long seed = Long.getLong("firn.json.seed", 1);
    System.out.println("JsonReadingTest -Dfirn.json.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 150; round++) {
      List<Map<String, Object>> rows = new ArrayList<>();
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 10; i++) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (String name : List.of("a", "b $", "ü")) {
          if (random.nextInt(4) > 0) {
            row.put(name, value(random, name, 0));
          }
        }
        rows.add(row);
        text.append(JsonTexts.of(row)).append('\n');
      }
      Reading reading = Reading.of(Reading.file(dir, "r.ndjson", text.toString()));
      for (int i = 0; i < rows.size(); i++) {
        for (Map.Entry<String, Object> entry : rows.get(i).entrySet()) {
          Object got = reading.rows.get(i).getField(entry.getKey());
          assertThat(same(entry.getValue(), got))
              .as("seed %d round %d: %s read as %s", seed, round, entry, got)
              .isTrue();
        }
      }
    }
  }

  private static Object value(Random random, String name, int depth) {
    return switch ((name.hashCode() + depth + random.nextInt(12) / 11) % 5) {
      case 0 -> new JsonNumber(Long.toString(random.nextLong() >> random.nextInt(60)));
      case 1 ->
          new JsonNumber(Double.toString(random.nextGaussian() * Math.pow(10, random.nextInt(9))));
      case 2 -> "s" + (char) (32 + random.nextInt(500));
      case 3 ->
          depth > 2 ? null : new ArrayList<>(Arrays.asList(value(random, "x", depth + 1), null));
      default -> {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("k", depth > 2 ? null : value(random, "y", depth + 1));
        yield map;
      }
    };
  }

  private static boolean same(Object source, Object got) {
    if (source == null || got == null) {
      return source == got;
    }
    if (got instanceof String text) {
      return text.equals(source instanceof String ? source : JsonTexts.of(source));
    }
    if (source instanceof JsonNumber number) {
      return new BigDecimal(number.text()).compareTo(new BigDecimal(got.toString())) == 0;
    }
    if (source instanceof List<?> list) {
      List<?> other = (List<?>) got;
      for (int i = 0; i < list.size(); i++) {
        if (!same(list.get(i), other.get(i))) {
          return false;
        }
      }
      return list.size() == other.size();
    }
    if (source instanceof Map<?, ?> map) {
      Record record = (Record) got;
      return map.entrySet().stream()
          .allMatch(e -> same(e.getValue(), record.getField(e.getKey().toString())));
    }
    return source.equals(got);
  }

  @Test
  void namesTheEncodingOfLinesThatAreNotUtf8() throws Exception {
    for (String encoding : List.of("UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE")) {
      for (String mark : List.of("", "\uFEFF")) {
        byte[] text = (mark + "{\"a\":1}\n{\"a\":2}\n").getBytes(Charset.forName(encoding));
        for (String name : List.of("w.ndjson", "w.json", "w")) {
          Path file = Files.write(dir.resolve(name), text);
          assertThatThrownBy(() -> Reading.of(file))
              .hasMessageContaining("%s: expected UTF-8, got %s", name, encoding)
              .hasMessageContaining("iconv -f %s -t UTF-8 ", encoding);
        }
      }
    }
  }

  @Test
  void readsADocumentInUtf16() throws Exception {
    Path file =
        Files.write(
            dir.resolve("w.json"), "[{\"a\":1},{\"a\":2}]".getBytes(Charset.forName("UTF-16")));
    assertThat(Reading.of(file).column("a")).containsExactly(1L, 2L);
  }
}
