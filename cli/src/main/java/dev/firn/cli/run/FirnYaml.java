package dev.firn.cli.run;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads {@code firn.yaml}: known keys with single values, and a map of {@code properties}. */
final class FirnYaml {
  static final String NAME = "firn.yaml";
  private static final String PROPERTIES = "properties";
  private static final List<String> KEYS =
      List.of(
          "warehouse",
          "catalog",
          "catalog.name",
          "catalog.user",
          "catalog.password",
          "output",
          PROPERTIES);

  private FirnYaml() {}

  /**
   * Returns the file's settings, the properties' keys beside the others; a relative warehouse is
   * resolved against the file's directory.
   *
   * @throws FirnException (invalid) naming the file and the key
   */
  static Map<String, String> read(Path file) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : mapping(file, parse(file)).entrySet()) {
      String key = String.valueOf(entry.getKey());
      if (!KEYS.contains(key)) {
        throw bad(file, "key '%s' is unknown%s".formatted(key, NearMatch.hint(key, KEYS)));
      }
      if (key.equals(PROPERTIES)) {
        mapping(file, entry.getValue())
            .forEach((name, value) -> settings.put(name.toString(), scalar(file, name, value)));
      } else {
        settings.put(key, scalar(file, key, entry.getValue()));
      }
    }
    settings.computeIfPresent(
        "warehouse", (key, value) -> CliSettings.absolute(file.getParent(), value));
    return settings;
  }

  private static Object parse(Path file) {
    try {
      Object parsed =
          new Load(LoadSettings.builder().setLabel(file.toString()).build())
              .loadFromString(Files.readString(file));
      return parsed == null ? Map.of() : parsed;
    } catch (YamlEngineException e) {
      String where = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new FirnException(
          ErrorKind.INVALID,
          "Cannot read settings: it is not YAML: %s [%s]".formatted(where, file),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static Map<?, ?> mapping(Path file, Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw bad(file, "expected lines of 'key: value'");
  }

  private static String scalar(Path file, Object key, Object value) {
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    // not the value: it may be a password
    throw bad(file, "key '%s' has no value or several, expected one value".formatted(key));
  }

  private static FirnException bad(Path file, String why) {
    return FirnException.invalid("Cannot read settings: %s [%s]".formatted(why, file));
  }
}
