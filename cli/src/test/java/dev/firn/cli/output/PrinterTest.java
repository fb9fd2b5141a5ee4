package dev.firn.cli.output;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;

class PrinterTest {
  private static final List<Column> ID_AND_NAME = List.of(Column.number("id"), Column.text("name"));

  private static String print(
      OutputFormat format, Integer width, List<Column> columns, List<? extends List<?>> rows) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (RowPrinter printer = new Output(new DataOut(bytes), format, width).rows(columns)) {
      rows.forEach(printer::row);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static String json(Object value) {
    return print(OutputFormat.JSON, null, List.of(Column.text("v")), List.of(Arrays.asList(value)))
        .strip()
        .replaceAll("^\\[\\s*\\{\"v\":|}\\s*]$", "");
  }

  @Test
  void alignsColumnsAndShowsNulls() {
    String text =
        print(
            OutputFormat.TABLE,
            null,
            ID_AND_NAME,
            List.of(List.of(1L, "a"), Arrays.asList(1000L, null), List.of(20L, "日本")));

    assertThat(text)
        .isEqualTo(
            """
              id  name
            ----  ----
               1  a
            1000  NULL
              20  日本
            """);
  }

  @Test
  void cutsWideCellsOnATerminalAlone() {
    List<List<Object>> rows = List.of(List.of(1, "x".repeat(100)));

    assertThat(print(OutputFormat.TABLE, null, ID_AND_NAME, rows)).contains("x".repeat(100));
    assertThat(print(OutputFormat.TABLE, 40, ID_AND_NAME, rows).lines())
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(40))
        .anySatisfy(line -> assertThat(line).endsWith("x…"));
  }

  @Test
  void escapesWhatWouldDriveTheTerminal() {
    assertThat(
            print(
                OutputFormat.TABLE,
                null,
                List.of(Column.text("v")),
                List.of(List.of("a\nb\u001b[31m"), List.of("c"))))
        .contains("a\\nb\\u001b[31m");
  }

  @Test
  void printsTheLinesOfOneRowOfText() {
    List<Column> columns = List.of(Column.text("key"), Column.text("plan"));

    assertThat(print(OutputFormat.TABLE, null, columns, List.of(List.of("p", "a\n  b\t\r\nc\n"))))
        .isEqualTo("key  plan\n---  -----\np    a\n       b\\t\n     c\n");
    assertThat(print(OutputFormat.TABLE, null, columns, List.of(List.of("", ""))))
        .isEqualTo("key  plan\n---  ----\n\n");
    assertThat(print(OutputFormat.TABLE, null, ID_AND_NAME, List.of(List.of(1, "a\nb"))))
        .contains("a\\nb");
  }

  @Test
  void alwaysShowsSecondsOfTimes() {
    List<Object> times =
        List.of(
            OffsetDateTime.parse("2026-01-31T11:00Z"),
            OffsetDateTime.parse("2026-01-31T11:00:23.451391Z"),
            LocalDateTime.parse("2026-01-31T11:00"),
            java.time.LocalTime.parse("11:00"),
            java.time.Instant.parse("2026-01-31T11:00:00Z"),
            LocalDate.parse("2026-01-31"));
    List<String> expected =
        List.of(
            "2026-01-31T11:00:00Z",
            "2026-01-31T11:00:23.451391Z",
            "2026-01-31T11:00:00",
            "11:00:00",
            "2026-01-31T11:00:00Z",
            "2026-01-31");
    for (int i = 0; i < times.size(); i++) {
      assertThat(CellText.of(times.get(i))).isEqualTo(expected.get(i));
      assertThat(json(times.get(i))).isEqualTo('"' + expected.get(i) + '"');
      assertThat(json(List.of(times.get(i)))).isEqualTo("[\"" + expected.get(i) + "\"]");
    }
  }

  @Test
  void printsRowsBeyondTheSampleAsTheyCome() {
    List<List<Object>> rows =
        java.util.stream.IntStream.range(0, TablePrinter.SAMPLE_ROWS + 3)
            .mapToObj(i -> List.<Object>of(i, "n" + i))
            .toList();

    assertThat(print(OutputFormat.TABLE, null, ID_AND_NAME, rows).lines())
        .hasSize(TablePrinter.SAMPLE_ROWS + 5)
        .last()
        .isEqualTo("502  n502");
  }

  @Test
  void printsAHeaderWithoutRows() {
    assertThat(print(OutputFormat.TABLE, null, ID_AND_NAME, List.of())).startsWith("id  name\n");
    assertThat(print(OutputFormat.CSV, null, ID_AND_NAME, List.of())).isEqualTo("id,name\n");
    assertThat(print(OutputFormat.JSON, null, ID_AND_NAME, List.of())).isEqualTo("[]\n");
  }

  @Test
  void quotesCsvAsRfc4180Says() {
    String text =
        print(
            OutputFormat.CSV,
            null,
            List.of(Column.text("a,b"), Column.text("c")),
            List.of(
                List.of("say \"hi\"", "two\nlines"), Arrays.asList(null, ""), List.of("x", "y")));

    assertThat(text).isEqualTo("\"a,b\",c\n\"say \"\"hi\"\"\",\"two\nlines\"\n,\"\"\nx,y\n");
  }

  @Test
  void writesOneJsonArrayWithAnObjectPerLine() {
    assertThat(
            print(
                OutputFormat.JSON,
                null,
                ID_AND_NAME,
                List.of(List.of(1L, "a\"b"), Arrays.asList(2L, null))))
        .isEqualTo("[\n{\"id\":1,\"name\":\"a\\\"b\"},\n{\"id\":2,\"name\":null}\n]\n");
  }

  @Test
  void keepsNumbersExactInJson() {
    assertThat(json(new BigDecimal("1E+3"))).isEqualTo("1000");
    assertThat(json(new BigDecimal("12345678901234567890.10")))
        .isEqualTo("12345678901234567890.10");
    assertThat(json(Long.MAX_VALUE)).isEqualTo("9223372036854775807");
    assertThat(json(0.1f)).isEqualTo("0.1");
    assertThat(json(Double.NaN)).isEqualTo("\"NaN\"");
  }

  @Test
  void writesTimesInIsoAndBytesInBase64() {
    assertThat(json(LocalDate.of(2024, 2, 29))).isEqualTo("\"2024-02-29\"");
    assertThat(json(LocalDateTime.of(2024, 2, 29, 1, 2, 3))).isEqualTo("\"2024-02-29T01:02:03\"");
    assertThat(json(OffsetDateTime.parse("2024-02-29T01:02:03.5Z")))
        .isEqualTo("\"2024-02-29T01:02:03.500Z\"");
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {1, 2, 3});
    assertThat(json(bytes)).isEqualTo("\"AQID\"");
    assertThat(bytes.remaining()).isEqualTo(3);
  }

  @Test
  void writesNestedValuesAsJsonInEveryFormat() {
    GenericRecord point =
        GenericRecord.create(
            new Schema(
                optional(1, "x", Types.IntegerType.get()),
                optional(2, "tags", Types.ListType.ofOptional(3, Types.StringType.get()))));
    point.setField("x", 7);
    point.setField("tags", Arrays.asList("a", null));
    Map<Integer, String> numbered = new LinkedHashMap<>();
    numbered.put(1, "one");

    assertThat(json(point)).isEqualTo("{\"x\":7,\"tags\":[\"a\",null]}");
    assertThat(json(Map.of("k", 1))).isEqualTo("{\"k\":1}");
    assertThat(json(numbered)).isEqualTo("[{\"key\":1,\"value\":\"one\"}]");
    assertThat(print(OutputFormat.CSV, null, List.of(Column.text("v")), List.of(List.of(point))))
        .isEqualTo("v\n\"{\"\"x\"\":7,\"\"tags\"\":[\"\"a\"\",null]}\"\n");
  }

  @Test
  void printsAResultAsAnObjectForPrograms() {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("table", "a.b");
    result.put("rows", 3);

    assertThat(result(OutputFormat.JSON, result)).isEqualTo("{\"table\":\"a.b\",\"rows\":3}\n");
    assertThat(result(OutputFormat.CSV, result)).isEqualTo("table,rows\na.b,3\n");
    assertThat(result(OutputFormat.TABLE, result)).isEmpty();
  }

  private static String result(OutputFormat format, Map<String, Object> result) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new Output(new DataOut(bytes), format, null).result(result);
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void tellsAClosedPipeFromAFullDisk() {
    assertThatThrownBy(() -> failing("Broken pipe")).isInstanceOf(OutputClosed.class);
    assertThatThrownBy(() -> failing("No space left on device"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("No space left on device");
  }

  private static void failing(String reason) {
    OutputStream failing =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(reason);
          }
        };
    try (RowPrinter printer =
        new Output(new DataOut(failing), OutputFormat.CSV, null).rows(ID_AND_NAME)) {
      printer.row(List.of(1, "a"));
    }
  }
}
