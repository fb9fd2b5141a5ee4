package dev.firn.bench.s3;

import dev.firn.testing.S3Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;

/**
 * An S3 server in a process of its own, so that neither its time nor its memory is counted as that
 * of a side. Prints what a client must know, then answers each line of its standard input with a
 * line, and ends with it: {@code bucket} makes one, {@code latency BUCKET MILLIS} delays each of
 * its requests, {@code requests BUCKET} says how many there were since this was last asked.
 */
final class ServerProcess {
  private ServerProcess() {}

  public static void main(String[] arguments) throws IOException {
    try (S3Server server = S3Server.start();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println(
          server.properties().entrySet().stream()
              .map(property -> property.getKey() + "=" + property.getValue())
              .collect(Collectors.joining("\t")));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        System.out.println(answer(server, line.split(" ", -1)));
      }
    }
  }

  private static String answer(S3Server server, String[] words) {
    return switch (words[0]) {
      case "bucket" -> server.newBucket();
      case "latency" -> {
        server.faults().latency(words[1], Duration.ofMillis(Long.parseLong(words[2])));
        yield words[2];
      }
      case "requests" -> {
        int count = server.requests().of(words[1]).size();
        server.requests().reset(words[1]);
        yield Integer.toString(count);
      }
      default -> throw new IllegalArgumentException(words[0]);
    };
  }
}
