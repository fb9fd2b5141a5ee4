package dev.firn.ingest.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.ingest.SchemaText;
import dev.firn.ingest.value.DateOrder;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvReadingTest {
  @TempDir Path dir;

  private Path csv(String text) throws Exception {
    return Reading.file(dir, "t.csv", text);
  }

  private Map<String, String> typesOf(String text) throws Exception {
    return Reading.of(csv(text)).types();
  }

  private String typeOf(String... values) throws Exception {
    return typesOf("c,d\n" + String.join(",x\n", values) + ",x\n").get("c");
  }

  @Test
  void infersTheNarrowestTypeThatKeepsEveryValue() throws Exception {
    assertThat(typeOf("1", "-20", "0")).isEqualTo("long");
    assertThat(typeOf("9223372036854775807")).isEqualTo("long");
    assertThat(typeOf("9223372036854775808")).isEqualTo("decimal(38, 0)");
    assertThat(typeOf("1".repeat(39))).isEqualTo("string");
    assertThat(typeOf("12.50", "3")).isEqualTo("decimal(9, 2)");
    assertThat(typeOf("123456789.50")).isEqualTo("decimal(18, 2)");
    assertThat(typeOf("1.5", "2e3")).isEqualTo("double");
    assertThat(typeOf("1.5", "NaN", "-inf")).isEqualTo("double");
    assertThat(typeOf("true", "FALSE")).isEqualTo("boolean");
    assertThat(typeOf("t", "f")).isEqualTo("string");
    assertThat(typeOf("00501", "10001")).isEqualTo("string");
    assertThat(typeOf("+1", "2")).isEqualTo("string");
    assertThat(typeOf("1,x\n", "a")).isEqualTo("string");
    assertThat(typeOf("2020-01-31", "")).isEqualTo("date");
    assertThat(typeOf("2020-02-30")).isEqualTo("string");
    assertThat(typeOf("10:30", "23:59:59.5")).isEqualTo("time");
    assertThat(typeOf("9:30", "10:30")).isEqualTo("time");
    assertThat(typeOf("9:30 PM", "12:05 am")).isEqualTo("time");
    assertThat(typeOf("9:30", "25:30")).isEqualTo("string");
    assertThat(typeOf("9:30", "930")).isEqualTo("string");
    assertThat(typeOf("2020-01-31 10:30", "2020-01-31T10:30:01.25")).isEqualTo("timestamp");
    assertThat(typeOf("2020-01-31T10:30:00Z", "2020-01-31 10:30:00+01:00"))
        .isEqualTo("timestamptz");
    assertThat(typeOf("2020-01-31T10:30:00Z", "2020-01-31T10:30:00")).isEqualTo("string");
    assertThat(typeOf("2020-01-31T10:30:00.123456789")).isEqualTo("string");
    assertThat(typeOf("2020-01-31", "2020-01-31 10:00")).isEqualTo("string");
  }

  @Test
  void readsDatesInTheStyleOfTheWholeColumn() throws Exception {
    Reading reading =
        Reading.of(
            csv(
                "us,eu,name,open\n1/31/20,31.12.1999,Jan 1 2000,1/2/2020\n2/1/99,01.02.2000,\"Feb 29, 2004\",3/4/2020\n"));
    assertThat(reading.types())
        .containsEntry("us", "date")
        .containsEntry("eu", "date")
        .containsEntry("name", "date")
        .containsEntry("open", "string");
    assertThat(reading.column("us"))
        .containsExactly(LocalDate.of(2020, 1, 31), LocalDate.of(1999, 2, 1));
    assertThat(reading.column("eu"))
        .containsExactly(LocalDate.of(1999, 12, 31), LocalDate.of(2000, 2, 1));
    assertThat(reading.column("name"))
        .containsExactly(LocalDate.of(2000, 1, 1), LocalDate.of(2004, 2, 29));
    assertThat(reading.inferred.notes())
        .anyMatch(n -> n.contains("column 'us': dates written M/d/yy"))
        .anyMatch(n -> n.contains("column 'open'") && n.contains("--date-order"));

    Reading told =
        Reading.of(ReadOptions.DEFAULT.dateOrder(DateOrder.DMY), csv("open\n1/2/2020\n"));
    assertThat(told.column("open")).containsExactly(LocalDate.of(2020, 2, 1));
  }

  @Test
  void convertsEveryKindOfValue() throws Exception {
    Reading reading =
        Reading.of(
            csv(
                "l,d,f,b,t,ts,tz,s\n7,1.50,1e3,True,10:30,2020-01-31 1:30 PM,2020-01-31T10:30:00+01:00,é\n"));
    assertThat(reading.rows.get(0))
        .isEqualTo(
            record(
                reading,
                7L,
                new BigDecimal("1.50"),
                1000.0,
                true,
                LocalTime.of(10, 30),
                LocalDateTime.of(2020, 1, 31, 13, 30),
                OffsetDateTime.of(2020, 1, 31, 9, 30, 0, 0, ZoneOffset.UTC),
                "é"));
  }

  private static Object record(Reading reading, Object... values) {
    var record = org.apache.iceberg.data.GenericRecord.create(reading.inferred.schema());
    for (int i = 0; i < values.length; i++) {
      record.set(i, values[i]);
    }
    return record;
  }

  @Test
  void tellsNullFromEmpty() throws Exception {
    Reading reading = Reading.of(csv("s,n\nx,1\n,\n\"\",\"\"\n  , 5 \n"));
    assertThat(reading.column("s")).containsExactly("x", null, "", "  ");
    assertThat(reading.column("n")).containsExactly(1L, null, null, 5L);

    Reading na = Reading.of(ReadOptions.DEFAULT.nullText("NA"), csv("n,s\n1,NA\nNA,\"NA\"\n"));
    assertThat(na.column("n")).containsExactly(1L, null);
    assertThat(na.column("s")).containsExactly(null, "NA");
  }

  @Test
  void keepsNamesAsTheyAre() throws Exception {
    assertThat(typesOf("\uFEFFCost Total $, Größe ,id,ID,a.b,\n1,2,3,4,5,6\n").keySet())
        .containsExactly("Cost Total $", " Größe ", "id", "ID", "a.b", "column_6");
    assertThat(Reading.of(ReadOptions.DEFAULT.header(false), csv("1,a\n2,b\n")).types())
        .isEqualTo(Map.of("column_1", "long", "column_2", "string"));
  }

  @Test
  void sniffsDelimitersAndCompression() throws Exception {
    for (String delimiter : List.of("\t", ";", "|")) {
      String text = "a,b;c\n1,\"x\ny\";2\n".replace(",b;c", ";b;c").replace("1,", "1;");
      Reading reading = Reading.of(csv(text.replace(";", delimiter)));
      assertThat(reading.types().keySet()).containsExactly("a", "b", "c");
      assertThat(reading.column("b")).containsExactly("x\ny");
    }
    Path gz = dir.resolve("t.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gz))) {
      out.write("a,b\n1,2\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(Reading.of(gz).column("b")).containsExactly(2L);
    Path utf16 =
        Files.write(dir.resolve("u.csv"), "\uFEFFa,b\n1,é\n".getBytes(StandardCharsets.UTF_16LE));
    assertThat(Reading.of(utf16).column("b")).containsExactly("é");
  }

  @Test
  void namesTheLineOnWhichAStrayQuoteOpens() throws Exception {
    assertThatThrownBy(() -> Reading.of(csv("a,b\n1,x\n2,\"y\n3,z\n")))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("t.csv: line 3: a quote opens a field there and it is never closed");
    assertThatThrownBy(() -> Reading.of(csv("a,b\n\"p\nq\",\"y\n3,\"z\",\n")))
        .hasMessageContaining(
            "t.csv: line 3: a quote opens a field there and it is closed before 'z'");
    assertThatThrownBy(() -> Reading.of(csv("a,b\n1,\"")))
        .hasMessageContaining("line 2: a quote opens");
    assertThatThrownBy(() -> Reading.of(csv("a,b,c\n1,\"x,p\n2,\"\n3,y,q\n")))
        .hasMessageContaining("line 2: expected 3 fields, got 2")
        .hasMessageContaining("a quote opened in line 2 spans lines: is it a stray one?");
    for (String fine :
        List.of("\"\"", "\"x\"\"\"", "\"\"\"\"", "\"x\"\n", "\"x\n\"\n", "\"\"\"x\"\r\n\r\n")) {
      assertThat(Reading.of(csv("a,b\n1," + fine)).rows).hasSize(1);
    }
  }

  @Test
  void refusesWhatCannotBeATable() throws Exception {
    assertThatThrownBy(() -> typesOf("a,b,a\n1,2,3\n"))
        .hasMessageContaining("t.csv: line 1: the header names column 'a' twice");
    assertThatThrownBy(() -> typesOf("a,b\n1,2\n3\n"))
        .hasMessageContaining("t.csv: line 3: expected 2 fields, got 1")
        .hasMessageContaining("--on-error quarantine");
    byte[] latin = "a,b\n1,x\n2,caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1);
    Path file = Files.write(dir.resolve("latin.csv"), latin);
    assertThatThrownBy(() -> Reading.of(file))
        .hasMessageContaining("latin.csv: line 3: the byte at offset 13 (0xE9) is not valid UTF-8")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }

  @Test
  void namesFileLineColumnAndValueOfAChangedType() throws Exception {
    StringBuilder text = new StringBuilder("id,price\n");
    for (int i = 2; i < 90_000; i++) {
      text.append(i).append(",1.5\n");
    }
    text.append("90000,cheap\n");
    Path file = csv(text.toString());
    assertThatThrownBy(() -> Reading.strict(SchemaText.parse("id long, price decimal(9,2)"), file))
        .hasMessageContaining(
            "t.csv: line 90000, column 'price': expected decimal(9, 2), got 'cheap'")
        .hasMessageContaining("--schema")
        .hasMessageContaining("--on-error quarantine");
    Reading whole = Reading.of(file);
    assertThat(whole.types()).containsEntry("price", "string");
    assertThat(whole.inferred.notes())
        .anyMatch(n -> n.contains("'price'") && n.contains("'cheap' in line 90000"));
    assertThatThrownBy(() -> Reading.of(ReadOptions.DEFAULT.sampleRows(1000), file))
        .hasMessageContaining("line 90000, column 'price'");
  }

  @Test
  void setsRowsAsideWithTheirReason() throws Exception {
    Path file =
        csv("id,n,d\n1,5,1/31/2020\n2,many,2/1/2020\n3,5\n4,3000000000,2/1/2020\n5,5,soon\n");
    Reading reading = Reading.lenient(SchemaText.parse("id int not null, n int, d date"), file);
    assertThat(reading.column("id")).containsExactly(1);
    assertThat(reading.rejected)
        .extracting(r -> r.at() + "|" + r.column() + "|" + r.reason() + "|" + r.raw())
        .containsExactly(
            "line 3|n|expected int, got 'many'|2,many,2/1/2020",
            "line 4||expected 3 fields, got 2|3,5",
            "line 5|n|expected int (-2147483648 to 2147483647), got '3000000000'|4,3000000000,2/1/2020",
            "line 6|d|expected date written M/d/yyyy, got 'soon'|5,5,soon");
  }

  @Test
  void mergesFilesByColumnName() throws Exception {
    Path a = Reading.file(dir, "a.csv", "id,v\n1,2\n");
    Path b = Reading.file(dir, "b.csv", "v,w\n2.5,x\n");
    Reading reading = Reading.of(a, b);
    assertThat(reading.types())
        .isEqualTo(Map.of("id", "long", "v", "decimal(9, 1)", "w", "string"));
    assertThat(reading.column("v")).containsExactly(new BigDecimal("2.0"), new BigDecimal("2.5"));
    assertThat(reading.column("id")).containsExactly(1L, null);
  }

  @Test
  void randomTextsComeBackAsTheyWere() throws Exception {
    long seed = Long.getLong("firn.csv.seed", 1);
    System.out.println("CsvReadingTest -Dfirn.csv.seed=" + seed);
    Random random = new Random(seed);
    String alphabet = "ab,\"\n;\t|' é1.-";
    for (int round = 0; round < 200; round++) {
      List<String> expected = new ArrayList<>();
      StringBuilder text = new StringBuilder("k,v,w\n");
      for (int i = 0; i < 20; i++) {
        StringBuilder value = new StringBuilder("x");
        for (int n = random.nextInt(8); n > 0; n--) {
          value.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        expected.add(value.toString());
        text.append(i)
            .append(",\"")
            .append(value.toString().replace("\"", "\"\""))
            .append("\",z\n");
      }
      Reading reading = Reading.of(ReadOptions.DEFAULT.delimiter(','), csv(text.toString()));
      assertThat(reading.column("v")).as("seed %d round %d", seed, round).isEqualTo(expected);
    }
  }

  @Test
  void randomNumbersComeBackEqual() throws Exception {
    long seed = Long.getLong("firn.csv.seed", 1);
    System.out.println("CsvReadingTest -Dfirn.csv.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      int scale = random.nextInt(6);
      int digits = 1 + random.nextInt(25);
      List<BigDecimal> expected = new ArrayList<>();
      StringBuilder text = new StringBuilder("n,z\n");
      for (int i = 0; i < 20; i++) {
        BigDecimal value =
            new BigDecimal(new java.math.BigInteger(digits * 3, random), random.nextInt(scale + 1));
        BigDecimal signed = random.nextBoolean() ? value : value.negate();
        expected.add(signed);
        text.append(signed.toPlainString()).append(",z\n");
      }
      Reading reading = Reading.of(csv(text.toString()));
      for (int i = 0; i < expected.size(); i++) {
        Object got = reading.column("n").get(i);
        assertThat(new BigDecimal(got.toString()))
            .as("seed %d round %d row %d", seed, round, i)
            .isEqualByComparingTo(expected.get(i));
      }
    }
  }
}
