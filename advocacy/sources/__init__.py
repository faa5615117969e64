"""Where official content comes from: feeds and CMS endpoints, asked politely."""
