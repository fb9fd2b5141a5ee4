package dev.firn.ingest.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import dev.firn.ingest.value.JsonNumber;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.Test;

/**
 * Samples of the public files that users try first, each read with no option and compared with an
 * independent reading of the same bytes.
 */
class SamplesTest {
  private static void equalsCsv(String name, Map<String, String> types) throws Exception {
    Path file = Reading.resource(name);
    Reading reading = Reading.of(file);
    assertThat(reading.types()).isEqualTo(types);
    List<String> lines = Files.readAllLines(file);
    String[] header = lines.get(0).split(",", -1);
    assertThat(reading.types().keySet()).containsExactly(header);
    assertThat(reading.rows).hasSize(lines.size() - 1);
    for (int i = 1; i < lines.size(); i++) {
      // No sample has a line end or a doubled quote in a field.
      String[] fields = lines.get(i).split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1);
      for (int c = 0; c < header.length; c++) {
        Object value = reading.rows.get(i - 1).get(c);
        String text = value instanceof BigDecimal d ? d.toPlainString() : String.valueOf(value);
        String expected = fields[c].isEmpty() ? "null" : fields[c].replace("\"", "");
        if (value instanceof BigDecimal d) {
          assertThat(d).isEqualByComparingTo(new BigDecimal(expected));
        } else {
          assertThat(text).as("%s line %d column %s", name, i + 1, header[c]).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void birdstrikes() throws Exception {
    Map<String, String> types = new java.util.LinkedHashMap<>();
    for (String name :
        "Airport Name,Aircraft Make Model,Effect Amount of damage,Flight Date,Aircraft Airline Operator,Origin State,Phase of flight,Wildlife Size,Wildlife Species,Time of day"
            .split(",", -1)) {
      types.put(name, name.equals("Flight Date") ? "date" : "string");
    }
    for (String name : "Cost Other,Cost Repair,Cost Total $,Speed IAS in knots".split(",", -1)) {
      types.put(name, "long");
    }
    equalsCsv("birdstrikes.csv", types);
    assertThat(Reading.of(Reading.resource("birdstrikes.csv")).column("Speed IAS in knots"))
        .contains((Object) null);
  }

  @Test
  void zipcodesAirportsAndPrices() throws Exception {
    equalsCsv(
        "zipcodes.csv",
        Map.of(
            "zip_code",
            "string",
            "latitude",
            "decimal(9, 6)",
            "longitude",
            "decimal(9, 6)",
            "city",
            "string",
            "state",
            "string",
            "county",
            "string"));
    equalsCsv(
        "airports.csv",
        Map.of(
            "iata",
            "string",
            "name",
            "string",
            "city",
            "string",
            "state",
            "string",
            "country",
            "string",
            "latitude",
            "decimal(18, 8)",
            "longitude",
            "decimal(18, 8)"));
    equalsCsv(
        "sp500-2000.csv",
        Map.of(
            "date",
            "date",
            "open",
            "decimal(18, 6)",
            "high",
            "decimal(18, 6)",
            "low",
            "decimal(18, 6)",
            "close",
            "decimal(18, 6)",
            "adjclose",
            "decimal(18, 6)",
            "volume",
            "long"));
  }

  @Test
  void movies() throws Exception {
    Path file = Reading.resource("movies.json");
    Reading reading = Reading.of(file);
    assertThat(reading.types())
        .containsEntry("Title", "string")
        .containsEntry("US Gross", "long")
        .containsEntry("Release Date", "date")
        .containsEntry("IMDB Rating", "double");
    assertThat(reading.inferred.notes())
        .anyMatch(n -> n.contains("'Release Date': dates written MMM d yyyy"))
        .anyMatch(n -> n.contains("'Title' holds strings and numbers"));
    List<?> source = (List<?>) tree(file);
    assertThat(reading.rows).hasSize(source.size());
    DateTimeFormatter style = DateTimeFormatter.ofPattern("MMM dd yyyy", Locale.ENGLISH);
    for (int i = 0; i < source.size(); i++) {
      for (Map.Entry<?, ?> member : ((Map<?, ?>) source.get(i)).entrySet()) {
        Object got = reading.rows.get(i).getField(member.getKey().toString());
        if (got instanceof LocalDate date) {
          assertThat(style.format(date)).isEqualTo(member.getValue());
        } else {
          assertSame(member.getValue(), got);
        }
      }
    }
  }

  @Test
  void earthquakesAreTheFeatures() throws Exception {
    Path file = Reading.resource("earthquakes.json");
    Reading reading = Reading.of(file);
    assertThat(reading.types().keySet()).containsExactly("type", "properties", "geometry", "id");
    assertThat(reading.types().get("geometry"))
        .contains("type: optional string")
        .contains("coordinates: optional list<double>");
    assertThat(reading.inferred.notes()).anyMatch(n -> n.contains("elements of member 'features'"));
    List<?> source = (List<?>) ((Map<?, ?>) tree(file)).get("features");
    assertThat(reading.rows).hasSize(source.size());
    for (int i = 0; i < source.size(); i++) {
      assertSame(source.get(i), reading.rows.get(i));
    }
  }

  private static Object tree(Path file) throws Exception {
    try (JsonParser parser = JsonTree.FACTORY.createParser(file.toFile())) {
      parser.nextToken();
      return JsonTree.read(parser);
    }
  }

  private static void assertSame(Object source, Object got) {
    if (source instanceof Map<?, ?> map) {
      Record record = (Record) got;
      map.forEach((name, value) -> assertSame(value, record.getField(name.toString())));
    } else if (source instanceof List<?> list) {
      List<?> other = new ArrayList<>((List<?>) got);
      assertThat(other).hasSameSizeAs(list);
      for (int i = 0; i < list.size(); i++) {
        assertSame(list.get(i), other.get(i));
      }
    } else if (source instanceof JsonNumber number && !(got instanceof String)) {
      assertThat(new BigDecimal(got.toString()))
          .isEqualByComparingTo(new BigDecimal(number.text()));
    } else {
      assertThat(got == null ? null : got.toString())
          .isEqualTo(source == null ? null : source.toString());
    }
  }
}
