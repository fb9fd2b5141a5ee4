package dev.firn.storage.s3;

import dev.firn.error.FirnException;
import dev.firn.storage.StoreMeter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.iceberg.aws.HttpClientProperties;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.io.StorageCredential;
import org.apache.iceberg.util.PropertyUtil;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * The clients of one store: one for its own properties, and one for each prefix of locations that a
 * catalog vended credentials for. Thread-safe. Owns the clients and the request threads.
 */
final class S3Clients implements AutoCloseable {
  private static final long IDLE_SECONDS = 30;

  private final Map<String, String> properties;
  private final StoreMeter meter = new StoreMeter();
  private final S3Pace pace;
  private final S3ClientSource source;
  private final ThreadPoolExecutor requests;
  private final S3Uploads uploads;
  private final S3Deletes deletes = new S3Deletes();

  /** The longest prefix first; the last one, of all locations, stays. */
  private volatile List<S3Session> sessions;

  S3Clients(Map<String, String> properties) {
    this.properties = properties;
    int atOnce = S3Defaults.maxConnections(properties);
    pace = new S3Pace(atOnce);
    source = new S3ClientSource(new S3Attempts(meter, pace, expectsContinue(properties)));
    requests = threads(atOnce);
    uploads = S3Uploads.of(WriteSettings.of(properties));
    sessions = List.of(new S3Session("", properties, source));
  }

  private static boolean expectsContinue(Map<String, String> properties) {
    return PropertyUtil.propertyAsBoolean(
        properties, HttpClientProperties.APACHE_EXPECT_CONTINUE_ENABLED, false);
  }

  private static ThreadPoolExecutor threads(int count) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            count,
            count,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "firn-s3-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  StoreMeter meter() {
    return meter;
  }

  S3Deletes deletes() {
    return deletes;
  }

  ExecutorService requests() {
    return requests;
  }

  S3Uploads uploads() {
    return uploads;
  }

  S3FileIOProperties settings(S3Location location) {
    return session(location).settings();
  }

  /** Reads a location; access points are the store's, whatever credentials are vended. */
  S3Location parse(String location) {
    List<S3Session> all = sessions;
    return S3Location.parse(
        location, all.get(all.size() - 1).settings().bucketToAccessPointMapping());
  }

  /**
   * Reads the location of an object.
   *
   * @throws FirnException INVALID where it names only a bucket, which no request may mean
   */
  S3Location parseFile(String location) {
    S3Location file = parse(location);
    if (file.key().isEmpty()) {
      throw FirnException.invalid(
          "Cannot use location: it names a bucket, expected s3://bucket/key, got "
              + location
              + " ["
              + location
              + "]");
    }
    return file;
  }

  /** Replaces the vended credentials, of requests that begin from now on. */
  synchronized void setCredentials(List<StorageCredential> credentials) {
    List<S3Session> before = sessions;
    S3Session own = before.get(before.size() - 1);
    List<S3Session> next = new ArrayList<>();
    for (StorageCredential credential : credentials) {
      if (credential.prefix().startsWith("s3")) {
        Map<String, String> all = new HashMap<>(properties);
        all.putAll(credential.config());
        next.add(new S3Session(canonical(credential.prefix()), Map.copyOf(all), source));
      }
    }
    next.sort(Comparator.comparingInt((S3Session s) -> s.prefix().length()).reversed());
    next.add(own);
    sessions = List.copyOf(next);
    before.stream().filter(session -> session != own).forEach(S3Session::retire);
  }

  /** The client for a location, whichever session is the one for it at each call. */
  S3Client client(S3Location location) {
    return (S3Client)
        Proxy.newProxyInstance(
            S3Client.class.getClassLoader(),
            new Class<?>[] {S3Client.class},
            (proxy, method, arguments) ->
                method.isDefault() && startsWithConsumer(arguments)
                    ? InvocationHandler.invokeDefault(proxy, method, arguments)
                    : call(location, method, arguments));
  }

  @Override
  public synchronized void close() {
    sessions.forEach(S3Session::retire);
    requests.shutdown();
  }

  /** Such methods make a request, and call the one that takes it. */
  private static boolean startsWithConsumer(Object @Nullable [] arguments) {
    return arguments != null && arguments.length > 0 && arguments[0] instanceof Consumer;
  }

  private Object call(S3Location location, Method method, Object @Nullable [] arguments)
      throws Throwable {
    if (method.getName().equals("close")) {
      throw new IllegalStateException("Cannot close client: its store owns it");
    }
    S3Requests.count(meter, arguments);
    pace.enter();
    try {
      return invoke(location, method, arguments);
    } finally {
      pace.leave();
    }
  }

  private Object invoke(S3Location location, Method method, Object @Nullable [] arguments)
      throws Throwable {
    S3Session session = session(location);
    S3Client client = session.enter();
    while (client == null) {
      S3Session next = session(location);
      if (next == session) {
        throw SdkClientException.create("the store is closed");
      }
      session = next;
      client = session.enter();
    }
    try {
      return method.invoke(client, arguments);
    } catch (InvocationTargetException e) {
      throw ofTheSdk(e);
    } finally {
      session.leave();
    }
  }

  /** The catalog that vends credentials fails in ways of its own, on behalf of any request. */
  private static Throwable ofTheSdk(InvocationTargetException call) {
    Throwable error = call.getCause() == null ? call : call.getCause();
    return error instanceof RESTException || error instanceof IllegalStateException
        ? SdkClientException.create("cannot get credentials: " + error.getMessage(), error)
        : error;
  }

  private S3Session session(S3Location location) {
    String text = canonical(location.toString());
    List<S3Session> all = sessions;
    for (S3Session session : all) {
      if (text.startsWith(session.prefix())) {
        return session;
      }
    }
    return all.get(all.size() - 1);
  }

  /** {@code s3a:} and {@code s3n:} are other names of the same objects. */
  private static String canonical(String location) {
    return location.startsWith("s3a://") || location.startsWith("s3n://")
        ? "s3" + location.substring("s3a".length())
        : location;
  }
}
