package dev.firn.storage;

import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.hadoop.HadoopFileIO;

/** Iceberg's Hadoop store, configured by the properties that begin with {@code hadoop.}. */
final class HadoopStore extends HadoopFileIO {
  private static final long serialVersionUID = 1L;
  private static final String PREFIX = "hadoop.";

  HadoopStore() {}

  @Override
  public void initialize(Map<String, String> properties) {
    super.initialize(properties);
    Configuration configuration = new Configuration();
    properties.forEach(
        (key, value) -> {
          if (key.startsWith(PREFIX)) {
            configuration.set(key.substring(PREFIX.length()), value);
          }
        });
    setConf(configuration);
  }
}
