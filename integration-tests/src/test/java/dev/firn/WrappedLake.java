package dev.firn;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.iceberg.io.FileIO;

/** A way to open a lakehouse whose stores can be made to wait and to fail. */
public final class WrappedLake {
  private WrappedLake() {}

  /** As {@link Lakehouse#open(Map)}, with the stores wrapped. */
  public static Lakehouse open(Map<String, String> properties, UnaryOperator<FileIO> wrap) {
    return Lakehouse.open(Settings.of(properties), wrap);
  }
}
