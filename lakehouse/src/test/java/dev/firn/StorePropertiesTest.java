package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StorePropertiesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "org.apache.iceberg.aws.s3.S3FileIOProperties",
        "org.apache.iceberg.aws.AwsClientProperties",
        "org.apache.iceberg.aws.AwsProperties"
      })
  void knowsEveryNameOfIcebergs(String type) throws ReflectiveOperationException {
    List<String> names = new ArrayList<>();
    for (Field field : Class.forName(type).getFields()) {
      if (Modifier.isStatic(field.getModifiers())
          && field.get(null) instanceof String name
          && StoreProperties.checks(name)) {
        names.add(name);
      }
    }
    assertThat(names).isNotEmpty().allMatch(StoreProperties::knows);
  }

  @ParameterizedTest
  @CsvSource({
    "s3.endpont, s3.endpoint",
    "s4.endpoint, s3.endpoint",
    "client.regoin, client.region",
    "s3.path-style-acces, s3.path-style-access"
  })
  void refusesWhatIsMistypedWithTheNearest(String key, String near) {
    LakehouseTest.assertFails(
        () -> Settings.of(Map.of("warehouse", "w", key, "x")),
        "'" + key + "': it is unknown; did you mean " + near);
  }

  @Test
  void takesNamesThatAreTheUsersOwn() {
    Settings settings =
        Settings.of(
            Map.of(
                "warehouse", "w",
                "s3.write.tags.team", "x",
                "s3.endpoint", "http://x",
                "http-client.type", "apache"));
    assertThat(settings.properties()).hasSize(3);
  }
}
