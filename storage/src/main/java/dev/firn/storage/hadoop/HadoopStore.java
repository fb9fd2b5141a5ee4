package dev.firn.storage.hadoop;

import dev.firn.storage.StreamStore;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.hadoop.HadoopFileIO;

/** Iceberg's Hadoop store, configured by the properties that begin with {@code hadoop.}. */
public final class HadoopStore extends StreamStore {
  private static final long serialVersionUID = 1L;
  private static final String PREFIX = "hadoop.";

  /** Makes one; {@link #initialize} configures it. */
  public HadoopStore() {
    super(new Configured());
  }

  private static final class Configured extends HadoopFileIO {
    private static final long serialVersionUID = 1L;

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
}
