"""Files on SFTP, FTP and FTPS servers as the two ends of services."""
