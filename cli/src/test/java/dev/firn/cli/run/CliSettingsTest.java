package dev.firn.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.cli.output.OutputFormat;
import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CliSettingsTest {
  @TempDir Path directory;
  private final GlobalOptions options = new GlobalOptions();

  @BeforeEach
  void normalise() throws IOException {
    directory = directory.toRealPath();
  }

  private CliSettings read(Map<String, String> environment) {
    return CliSettings.of(
        options,
        new Host(
            environment,
            directory,
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            new PrintStream(OutputStream.nullOutputStream()),
            Terminal.NONE));
  }

  private void yaml(String text) {
    try {
      Files.writeString(directory.resolve("firn.yaml"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void defaultsToAWarehouseInTheCurrentDirectory() {
    assertThat(read(Map.of()))
        .isEqualTo(
            new CliSettings(
                Map.of("warehouse", directory.resolve("warehouse").toString()),
                OutputFormat.TABLE));
  }

  @Test
  void optionsWinOverEnvironmentOverFile() {
    yaml("warehouse: from-file\ncatalog: jdbc:sqlite:file.db\noutput: csv\n");
    Map<String, String> environment =
        Map.of("FIRN_WAREHOUSE", "from-env", "FIRN_OUTPUT", "json", "FIRN_CATALOG_USER", "ann");

    CliSettings fromEnvironment = read(environment);
    options.warehouse = "/from/option";
    options.output = OutputFormat.TABLE;
    CliSettings fromOptions = read(environment);

    assertThat(fromEnvironment.lakehouse())
        .containsEntry("warehouse", directory.resolve("from-env").toString())
        .containsEntry("catalog", "jdbc:sqlite:file.db")
        .containsEntry("catalog.user", "ann");
    assertThat(fromEnvironment.output()).isEqualTo(OutputFormat.JSON);
    assertThat(fromOptions.lakehouse()).containsEntry("warehouse", "/from/option");
    assertThat(fromOptions.output()).isEqualTo(OutputFormat.TABLE);
  }

  @Test
  void readsPropertiesOfTheFileAndOfOptions() {
    yaml("properties:\n  s3.endpoint: http://file\n  s3.path-style-access: true\n");
    options.properties.put("s3.endpoint", "http://option");

    assertThat(read(Map.of()).lakehouse())
        .containsEntry("s3.endpoint", "http://option")
        .containsEntry("s3.path-style-access", "true");
  }

  @Test
  void leavesUrisAsTheyAre() {
    options.warehouse = "s3://bucket/lake";

    assertThat(read(Map.of()).lakehouse()).containsEntry("warehouse", "s3://bucket/lake");
  }

  @Test
  void namesFileAndKeyThatAreWrong() {
    yaml("warehose: x\n");
    assertThatThrownBy(() -> read(Map.of()))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("key 'warehose' is unknown; did you mean warehouse?")
        .hasMessageContaining("firn.yaml");

    yaml("warehouse: [a, b]\n");
    assertThatThrownBy(() -> read(Map.of())).hasMessageContaining("expected one value");

    yaml("just text");
    assertThatThrownBy(() -> read(Map.of())).hasMessageContaining("expected lines of 'key: value'");

    yaml("warehouse: 'open\n");
    assertThatThrownBy(() -> read(Map.of())).hasMessageContaining("it is not YAML");
  }

  @Test
  void refusesAFormatThatIsNone() {
    assertThatThrownBy(() -> read(Map.of("FIRN_OUTPUT", "jsn")))
        .hasMessageContaining("expected table, json or csv; did you mean json");
  }

  @Test
  void refusesAConfigurationFileThatIsMissing() {
    assertThatThrownBy(() -> read(Map.of("FIRN_CONFIG", "other.yaml")))
        .hasMessageContaining("FIRN_CONFIG names a file that is not there");
  }

  @Test
  void acceptsAnEmptyFile() {
    yaml("# nothing yet\n");

    assertThat(read(Map.of()).output()).isEqualTo(OutputFormat.TABLE);
  }
}
