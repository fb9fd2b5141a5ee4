package dev.firn.format.parquet.proof.suite;

import java.lang.reflect.Field;
import java.util.Map;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.formats.FormatModel;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.util.Pair;

/**
 * The models in Iceberg's registry, which neither shows nor replaces one. The tests of a JVM run
 * one after the other.
 */
final class Registry {
  private Registry() {}

  /** Iceberg's own model for its generic records. */
  @SuppressWarnings("unchecked") // the key says so
  static FormatModel<Record, ?> generic(FileFormat format) {
    return (FormatModel<Record, ?>) models().get(Pair.of(format, Record.class));
  }

  /** Puts a model in the place of the one of its format and row type; returns that one. */
  static FormatModel<?, ?> replace(FormatModel<?, ?> model) {
    return models().put(Pair.of(model.format(), model.type()), model);
  }

  @SuppressWarnings("unchecked")
  private static Map<Pair<FileFormat, Class<?>>, FormatModel<?, ?>> models() {
    try {
      Field models = FormatModelRegistry.class.getDeclaredField("MODELS");
      models.setAccessible(true);
      return (Map<Pair<FileFormat, Class<?>>, FormatModel<?, ?>>) models.get(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
